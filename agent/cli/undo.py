"""`ratchet undo`: take the last `--apply` back."""

from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.options import directory_option, json_option, print_json
from agent.cli.terminal import one_line
from agent.config import state_dir


@click.command()
@click.option("--dry-run", is_flag=True, help="Say which files would be brought back; write nothing.")
@directory_option
@json_option
def undo(dry_run: bool, directory: Path, as_json: bool) -> None:
    """Bring back the files that the last `ratchet fix --apply` replaced in this repository.

    Refuses when one of them was changed since, and then writes nothing. Each call takes back one
    more `--apply`.

    \b
    ratchet undo
    ratchet undo --dry-run
    """
    with shown_to_the_user(as_json):
        from agent.repo import delivery, journal
        from agent.repo.store import Store

        store = Store.open(directory, state_dir())
        if dry_run:
            entry = journal.last(store)
            task_id, files = entry.task_id, tuple(item.path for item in entry.replacements)
        else:
            undone = delivery.undo(store)
            task_id, files = undone.task_id, undone.files
    if as_json:
        print_json({"task_id": task_id, "files": files, "undone": not dry_run})
        return
    click.echo(f"{'would take' if dry_run else 'took'} back what task {task_id} had applied:")
    for path in files:
        click.echo(f"  {one_line(path)}")
