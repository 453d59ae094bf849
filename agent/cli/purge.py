"""`ratchet purge`: what Ratchet keeps on disk, and how to get it back."""

import time
from collections.abc import Iterable
from pathlib import Path

import click
from rich.filesize import decimal
from rich.table import Table
from rich.text import Text

from agent.cli.ages import age
from agent.cli.errors import shown_to_the_user
from agent.cli.options import directory_option, json_option, print_json
from agent.cli.terminal import console, one_line
from agent.config import state_dir
from agent.daemon.disk import Item, free, survey


@click.command()
@click.option("--older-than", callback=age, metavar="AGE", help="Free what was not used for 12h, 30d, 8w …")
@click.option("--yes", is_flag=True, help="Free everything that no open task needs.")
@click.option("--dry-run", is_flag=True, help="With the above: only say what would be freed.")
@directory_option
@json_option
def purge(older_than: int | None, yes: bool, dry_run: bool, directory: Path, as_json: bool) -> None:
    """Show what Ratchet keeps on disk, and free it.

    Environments, roots and images are made again when they are needed. What `ratchet undo` needs is
    not; it is kept with the repositories. What an open task may need is not freed. The tasks themselves
    stay: `ratchet tasks prune` removes finished ones. The daemon frees by itself what [retention] says.

    \b
    ratchet purge                     show
    ratchet purge --older-than 30d    free what was not used for 30 days
    ratchet purge --yes               free everything but the tasks
    """
    with shown_to_the_user(as_json):
        state, now = state_dir(), time.time()
        items = survey(state, now)
        chosen = [
            i for i in items if (yes or older_than is not None) and now - i.used_at >= (older_than or 0)
        ]
        freed = [i for i in chosen if not i.kept and (dry_run or free(i, state))]
    if as_json:
        print_json(_document(state, items, freed))
    else:
        _print(state, items, freed, "would be freed" if dry_run else "freed")


def _document(state: Path, items: list[Item], freed: list[Item]) -> dict[str, object]:
    rows = [
        {
            "kind": item.kind,
            "name": item.name,
            "bytes": item.size,
            "used_at": item.used_at,
            "kept": item.kept,
            "freed": item in freed,
        }
        for item in items
    ]
    return {"state": str(state), "bytes": _sum(items), "freed_bytes": _sum(freed), "items": rows}


def _print(state: Path, items: list[Item], freed: list[Item], verb: str) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("kind", "number", "size", verb):
        table.add_column(heading, justify="left" if heading == "kind" else "right")
    for kind in dict.fromkeys(item.kind for item in items):
        of_kind = [item for item in items if item.kind == kind]
        gone = [item for item in freed if item.kind == kind]
        table.add_row(kind, str(len(of_kind)), decimal(_sum(of_kind)), decimal(_sum(gone)))
    table.add_row("all", str(len(items)), decimal(_sum(items)), decimal(_sum(freed)))
    screen = console()
    screen.print(one_line(str(state)))
    screen.print(table)
    for reason in dict.fromkeys(item.kept for item in items if item.kept):
        screen.print(Text(f"kept: {one_line(reason)}"))


def _sum(items: Iterable[Item]) -> int:
    return sum(item.size for item in items)
