"""`ratchet index symbols`, `refs` and `callers`."""

from collections.abc import Sequence
from pathlib import Path

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.index.open import index_options, show, snapshot
from agent.cli.terminal import one_line
from agent.index.answers import list_callers, list_references, list_symbols
from agent.protocol.value import Value


@click.command()
@click.argument("target", required=False, metavar="[PATH|NAME]")
@index_options(limit=500)
def symbols(target: str | None, limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """List the definitions of a file or folder, or those called NAME (`name`, or `Class.name`).

    Without an argument: of the whole repository.
    """
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        found = list_symbols(view, target, limit)
        if not show(found, as_json):
            _print(found.symbols, "{path}:{start}: {kind} {symbol}  {signature}")


@click.command()
@click.argument("name")
@index_options(limit=200)
def refs(name: str, limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """List where a name is used in code, its definitions, strings and comments left out."""
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        found = list_references(view, name, limit)
        if not show(found, as_json):
            _print(found.references, "{path}:{line}:{column}: in {symbol}")


@click.command()
@click.argument("name")
@index_options(limit=200)
def callers(name: str, limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """List the calls that can reach NAME (`name`, or `Class.name`), surest first.

    The confidence is 1 where scopes and imports leave one answer, and low where only the name fits.
    """
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        found = list_callers(view, name, limit)
        if not show(found, as_json):
            _print(found.callers, "{path}:{line}: {symbol} calls {target}  ({confidence})")


def _print(rows: Sequence[Value], line: str) -> None:
    for row in rows:
        parts = row.model_dump()
        click.echo(one_line(line.format(**{**parts, "symbol": parts["symbol"] or "the file"})))
