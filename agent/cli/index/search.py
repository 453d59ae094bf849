"""`ratchet index search`: the places that a text is about."""

from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.index.open import index_options, read_query, show, snapshot
from agent.cli.terminal import one_line
from agent.index.answers import find_hits
from agent.index.search.hybrid import search_of


@click.command()
@click.argument("query")
@index_options(limit=20)
def search(query: str, limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """Find the places that QUERY is about: a name, a sentence, a stack trace or a whole issue text.

    `-` reads QUERY from standard input. Nothing newer than the snapshot is looked at.
    """
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        found = find_hits(search_of(view), read_query(query), limit)
        if show(found, as_json):
            return
        for hit in found.hits:
            parts = " ".join(f"{name}={value:.3g}" for name, value in hit.why.items())
            click.echo(one_line(f"{hit.path}:{hit.start}-{hit.end}: {hit.kind} {hit.symbol}  ({parts})"))
