"""`ratchet index map` and `ratchet index impact`."""

from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.index.open import index_options, read_query, revision_option, snapshot
from agent.cli.options import directory_option, json_option, print_json
from agent.cli.terminal import one_line, sanitize
from agent.index.impact import impacted_tests
from agent.index.repo_map import repo_map as draw
from agent.index.search.hybrid import Search
from agent.repo.history import past_commits


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
@revision_option
@directory_option
@json_option
def repo_map(tokens: int, query: str, revision: str | None, directory: Path, as_json: bool) -> None:
    """Print the definitions that matter most, for QUERY or by what the rest depends on, within a budget."""
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        drawn = draw(Search(view, past_commits(view.git, view.commit)), tokens, read_query(query))
        if as_json:
            print_json({"map": drawn.text, "tokens": drawn.tokens, "files": list(drawn.files)})
        else:
            click.echo(sanitize(drawn.text), nl=False)


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="PATH...")
@index_options(limit=200)
def impact(
    targets: tuple[str, ...], limit: int, revision: str | None, directory: Path, as_json: bool
) -> None:
    """List the tests that can reach files or symbols, nearest and surest first."""
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        found = impacted_tests(view, [target.removeprefix("./") for target in targets])[:limit]
        if as_json:
            names = ("path", "symbol", "distance", "confidence")
            print_json({"tests": [{name: getattr(one, name) for name in names} for one in found]})
            return
        for one in found:
            click.echo(one_line(f"{one.path}: {one.symbol or 'the file'}  ({one.confidence:.2f})"))
