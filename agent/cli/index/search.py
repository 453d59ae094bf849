"""`ratchet index search`: the places that a text is about."""

from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.index.open import index_options, read_query, snapshot
from agent.cli.options import print_json
from agent.cli.terminal import one_line
from agent.index.search.hit import Hit
from agent.index.search.hybrid import Search
from agent.repo.history import past_commits


@click.command()
@click.argument("query")
@index_options(limit=20)
def search(query: str, limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """Find the places that QUERY is about: a name, a sentence, a stack trace or a whole issue text.

    `-` reads QUERY from standard input. Nothing newer than the snapshot is looked at.
    """
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        commits = past_commits(view.git, view.commit)
        hits = Search(view, commits).hits(read_query(query), limit)
        if as_json:
            print_json({"hits": [_document(hit) for hit in hits]})
            return
        for hit in hits:
            parts = " ".join(f"{name}={value:.3g}" for name, value in hit.why.items())
            click.echo(one_line(f"{hit.path}:{hit.start}-{hit.end}: {hit.kind} {hit.symbol}  ({parts})"))


def _document(hit: Hit) -> dict[str, object]:
    place = {"path": hit.path, "start": hit.start, "end": hit.end, "symbol": hit.symbol, "kind": hit.kind}
    return {**place, "score": hit.score, "why": dict(hit.why)}
