"""Calls between definitions as the call hierarchy of an editor."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lsprotocol import types
from pydantic import ValidationError

from agent.protocol.index import IndexCaller, IndexSymbol
from agent.protocol.value import Value
from lsp.navigation.places import Range, Shown
from lsp.navigation.symbols import kind_of, spans
from lsp.showing.plain import one_line

Item = dict[str, Any]
"""Of the hierarchy, as JSON has it."""
SURE = 0.3
"""Below it only the name of a call fits, and the same name is that of many things."""
CALLABLE = frozenset({"function", "method", "class", "macro"})


class Called(Value):
    """What an item of the hierarchy is, in its `data`."""

    repository: str
    path: str
    symbol: str


def called(item: types.CallHierarchyItem) -> Called | None:
    """Return what an item is; None for one that is not ours."""
    try:
        return Called.model_validate(_plain(item.data))
    except ValidationError:
        return None


def item_of(symbol: IndexSymbol, file: Shown, repository: str) -> Item:
    """Return a definition as an item."""
    whole, name = spans(symbol, file)
    return {
        "name": one_line(symbol.name) or "?",
        "kind": kind_of(symbol),
        "uri": file.uri,
        "range": whole,
        "selectionRange": name,
        "detail": one_line(symbol.path),
        "data": Called(repository=repository, path=symbol.path, symbol=symbol.symbol).model_dump(),
    }


def module_item(path: str, file: Shown, repository: str) -> Item:
    """Return a file as the item of the calls that are in no definition."""
    start = file.lines(1, 1)
    return {
        "name": one_line(path.rpartition("/")[2]) or "?",
        "kind": types.SymbolKind.File.value,
        "uri": file.uri,
        "range": start,
        "selectionRange": start,
        "detail": one_line(path),
        "data": Called(repository=repository, path=path, symbol="").model_dump(),
    }


def by_caller(calls: Iterable[IndexCaller], target: Called) -> dict[tuple[str, str], list[IndexCaller]]:
    """Return the sure calls of a definition by the path and the name of what they are in."""
    found: dict[tuple[str, str], list[IndexCaller]] = {}
    for one in calls:
        if (one.target_path, one.target) == (target.path, target.symbol) and one.confidence >= SURE:
            found.setdefault((one.path, one.symbol), []).append(one)
    return found


def by_callee(calls: Iterable[IndexCaller], source: Called) -> dict[tuple[str, str], list[IndexCaller]]:
    """Return the sure calls in a definition by the path and the name of what they reach."""
    found: dict[tuple[str, str], list[IndexCaller]] = {}
    for one in calls:
        if (one.path, one.symbol) == (source.path, source.symbol) and one.confidence >= SURE:
            found.setdefault((one.target_path, one.target), []).append(one)
    return found


def ranges(calls: Sequence[IndexCaller], file: Shown) -> list[Range]:
    """Return where calls are: the name of what is called, or the line."""
    found = []
    for one in calls:
        line = file.line(one.line)
        if line is not None:
            name = one.target.rpartition(".")[2]
            found.append(file.word(name, line) or file.lines(line, line))
    return found


def by_name(symbols: Iterable[IndexSymbol]) -> Mapping[str, IndexSymbol]:
    """Return the definitions of one file by their dotted names; of equal ones the first."""
    found: dict[str, IndexSymbol] = {}
    for one in symbols:
        found.setdefault(one.symbol, one)
    return found


def _plain(data: Any) -> Any:
    """Return what a client sent back as plain JSON, whatever pygls made of it."""
    return data if isinstance(data, Mapping) else getattr(data, "__dict__", None)
