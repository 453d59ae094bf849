"""`ratchet index symbols`, `refs` and `callers`."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click

from agent.cli.errors import shown_to_the_user
from agent.cli.index.open import index_options, snapshot
from agent.cli.options import print_json
from agent.cli.terminal import one_line
from agent.index.facts import MODULE
from agent.index.snapshot import SnapshotView
from agent.index.view import Edge, Reference, Symbol

Row = dict[str, Any]


@click.command()
@click.argument("target", required=False, metavar="[PATH|NAME]")
@index_options(limit=500)
def symbols(target: str | None, limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """List the definitions of a file or folder, or those called NAME (`name`, or `Class.name`).

    Without an argument: of the whole repository.
    """
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        rows = [_symbol(view, symbol) for symbol in islice(_symbols(view, target), limit)]
        _show("symbols", rows, as_json, "{path}:{start}: {kind} {symbol}  {signature}")


@click.command()
@click.argument("name")
@index_options(limit=200)
def refs(name: str, limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """List where a name is used in code, its definitions, strings and comments left out."""
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        rows = [_reference(view, one) for one in islice(view.references(name), limit)]
        _show("references", rows, as_json, "{path}:{line}:{column}: in {symbol}")


@click.command()
@click.argument("name")
@index_options(limit=200)
def callers(name: str, limit: int, revision: str | None, directory: Path, as_json: bool) -> None:
    """List the calls that can reach NAME (`name`, or `Class.name`), surest first.

    The confidence is 1 where scopes and imports leave one answer, and low where only the name fits.
    """
    with shown_to_the_user(as_json), snapshot(directory, revision) as (_, view):
        found = [edge for symbol in view.find(name) for edge in view.callers(symbol)]
        found.sort(key=lambda edge: (-edge.confidence, edge.path, edge.line))
        # Overloads are several definitions of one name: a call to them is shown once.
        rows = list({str(row): row for row in (_edge(view, edge) for edge in found)}.values())[:limit]
        _show("callers", rows, as_json, "{path}:{line}: {symbol} calls {target}  ({confidence})")


def _symbols(view: SnapshotView, target: str | None) -> Iterator[Symbol]:
    if target is None or (inside := _inside(view, target)):
        for path in view.paths if target is None else inside:
            for definition in view.definitions(path):
                yield view.symbol(path, definition.ordinal)
    else:
        yield from view.find(target)


def _inside(view: SnapshotView, target: str) -> list[str]:
    place = target.removeprefix("./").rstrip("/")
    if place in view.files():
        return [place]
    return [path for path in view.paths if path.startswith(f"{place}/")]


def _symbol(view: SnapshotView, symbol: Symbol) -> Row:
    definition = view.definitions(symbol.path)[symbol.ordinal]
    return {
        "path": symbol.path,
        "start": symbol.start_line,
        "end": symbol.end_line,
        "name": symbol.name,
        "symbol": symbol.qualname,
        "kind": symbol.kind,
        "signature": definition.signature,
        "doc": definition.doc,
        "is_test": definition.is_test,
    }


def _reference(view: SnapshotView, reference: Reference) -> Row:
    place = {"path": reference.path, "line": reference.line, "column": reference.column}
    return {**place, "symbol": _called(view, reference.path, reference.definition)}


def _edge(view: SnapshotView, edge: Edge) -> Row:
    return {
        "path": edge.path,
        "line": edge.line,
        "symbol": _called(view, edge.path, edge.definition),
        "target_path": edge.target_path,
        "target": _called(view, edge.target_path, edge.target),
        "confidence": round(edge.confidence, 3),
    }


def _called(view: SnapshotView, path: str, ordinal: int) -> str:
    return "" if ordinal == MODULE else view.symbol(path, ordinal).qualname


def _show(name: str, rows: Iterable[Row], as_json: bool, line: str) -> None:
    if as_json:
        print_json({name: list(rows)})
        return
    for row in rows:
        click.echo(one_line(line.format(**{**row, "symbol": row["symbol"] or "the file"})))
