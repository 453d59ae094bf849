"""`ratchet index map` and `ratchet index impact`."""

from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.index.open import index_options, read_query, show, snapshot
from agent.cli.terminal import one_line, sanitize
from agent.index.answers import draw_map, find_impact
from agent.index.search.hybrid import search_of


@click.command("map")
@click.option(
    "--tokens",
    type=click.IntRange(min=16),
    default=2048,
    show_default=True,
    metavar="N",
    help="The budget, in tokens by our estimate.",
)
@click.option("--for", "query", default="", metavar="QUERY", help="What the map is for; `-` reads it.")
@index_options(limit=80, of="files")
def repo_map(
    tokens: int, query: str, limit: int, revision: str | None, directory: Path, as_json: bool
) -> None:
    """Print the definitions that matter most, for QUERY or by what the rest depends on, within a budget."""
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        drawn = draw_map(search_of(view), read_query(query), tokens, limit)
        if not show(drawn, as_json):
            click.echo(sanitize(drawn.map), nl=False)


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="PATH...")
@index_options(limit=200)
def impact(
    targets: tuple[str, ...], limit: int, revision: str | None, directory: Path, as_json: bool
) -> None:
    """List the tests that can reach files or symbols, nearest and surest first."""
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        found = find_impact(view, targets, limit)
        if show(found, as_json):
            return
        for one in found.tests:
            click.echo(one_line(f"{one.path}: {one.symbol or 'the file'}  ({one.confidence:.2f})"))
