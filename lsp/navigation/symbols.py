"""Definitions of the index as symbols of documents and of the workspace."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types

from agent.protocol.index import IndexSymbol
from lsp.folders import uri_of
from lsp.navigation.places import Range, Shown, range_of
from lsp.showing.plain import one_line

Symbol = dict[str, Any]
"""As JSON has it."""
KINDS = {
    "function": types.SymbolKind.Function,
    "method": types.SymbolKind.Method,
    "class": types.SymbolKind.Class,
    "interface": types.SymbolKind.Interface,
    "enum": types.SymbolKind.Enum,
    "type": types.SymbolKind.Struct,
    "module": types.SymbolKind.Module,
    "constant": types.SymbolKind.Constant,
    "variable": types.SymbolKind.Variable,
    "field": types.SymbolKind.Field,
    "macro": types.SymbolKind.Function,
    "section": types.SymbolKind.String,
}
"""By the index's word."""


def kind_of(symbol: IndexSymbol) -> int:
    """Return the nearest kind that LSP has."""
    return KINDS.get(symbol.kind, types.SymbolKind.Variable).value


def spans(symbol: IndexSymbol, file: Shown) -> tuple[Range, Range]:
    """Return where a definition is in the live text, and its name in it."""
    start, end = file.nearest(symbol.start), file.nearest(symbol.end)
    end = max(start, end)
    whole, name = file.lines(start, end), file.named(symbol.name, start, end)
    return whole, name


def document_symbols(symbols: Iterable[IndexSymbol], file: Shown) -> list[Symbol]:
    """Return the definitions of a file, each in what it is in."""
    top: list[Symbol] = []
    around: list[tuple[IndexSymbol, Symbol]] = []
    for symbol in symbols:
        whole, name = spans(symbol, file)
        one: Symbol = {
            "name": one_line(symbol.name) or "?",
            "kind": kind_of(symbol),
            "range": whole,
            "selectionRange": name,
            "children": [],
        }
        if signature := one_line(symbol.signature, 120):
            one["detail"] = signature
        while around and not _is_in(symbol, around[-1][0]):
            around.pop()
        siblings = around[-1][1]["children"] if around else top
        siblings.append(one)
        around.append((symbol, one))
    return top


def flat_symbols(symbols: Iterable[IndexSymbol], file: Shown) -> list[Symbol]:
    """Return the definitions of a file one after another, for editors that know no tree."""
    return [_placed(symbol, file.uri, spans(symbol, file)[0], holder_of(symbol)) for symbol in symbols]


def workspace_symbol(symbol: IndexSymbol, path: Path, file: Shown | None) -> Symbol:
    """Return a definition as one of many of the workspace: at its name in an open file, else at its line."""
    holder = holder_of(symbol) or symbol.path
    if file is None:
        line = symbol.start - 1
        return _placed(symbol, uri_of(path), range_of(line, 0, line, 0), holder)
    return _placed(symbol, file.uri, spans(symbol, file)[1], holder)


def _placed(symbol: IndexSymbol, uri: str, place: Range, holder: str) -> Symbol:
    one: Symbol = {
        "name": one_line(symbol.name) or "?",
        "kind": kind_of(symbol),
        "location": {"uri": uri, "range": place},
    }
    return {**one, "containerName": one_line(holder)} if one_line(holder) else one


def holder_of(symbol: IndexSymbol) -> str:
    """Return the dotted name of what a definition is in; empty for nothing."""
    return symbol.symbol.removesuffix(symbol.name).rstrip(".")


def _is_in(inner: IndexSymbol, outer: IndexSymbol) -> bool:
    return (
        inner.symbol.startswith(f"{outer.symbol}.") and outer.start <= inner.start <= inner.end <= outer.end
    )
