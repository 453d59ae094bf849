"""Definitions of the index as symbols of documents and of the workspace."""

from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types

from agent.protocol.index import IndexSymbol
from lsp.folders import uri_of
from lsp.navigation.places import Shown
from lsp.showing.plain import one_line

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


def kind_of(symbol: IndexSymbol) -> types.SymbolKind:
    """Return the nearest kind that LSP has."""
    return KINDS.get(symbol.kind, types.SymbolKind.Variable)


def spans(symbol: IndexSymbol, file: Shown) -> tuple[types.Range, types.Range]:
    """Return where a definition is in the live text, and its name in it."""
    start, end = file.nearest(symbol.start), file.nearest(symbol.end)
    end = max(start, end)
    whole, name = file.lines(start, end), file.named(symbol.name, start, end)
    return whole, name


def document_symbols(symbols: Iterable[IndexSymbol], file: Shown) -> list[types.DocumentSymbol]:
    """Return the definitions of a file, each in what it is in."""
    top: list[types.DocumentSymbol] = []
    around: list[tuple[IndexSymbol, types.DocumentSymbol]] = []
    for symbol in symbols:
        whole, name = spans(symbol, file)
        one = types.DocumentSymbol(
            one_line(symbol.name) or "?",
            kind_of(symbol),
            whole,
            name,
            detail=one_line(symbol.signature, 120) or None,
            children=[],
        )
        while around and not _is_in(symbol, around[-1][0]):
            around.pop()
        siblings = around[-1][1].children if around else top
        assert isinstance(siblings, list)
        siblings.append(one)
        around.append((symbol, one))
    return top


def flat_symbols(symbols: Iterable[IndexSymbol], file: Shown) -> list[types.SymbolInformation]:
    """Return the definitions of a file one after another, for editors that know no tree."""
    return [
        types.SymbolInformation(
            types.Location(file.uri, spans(symbol, file)[0]),
            one_line(symbol.name) or "?",
            kind_of(symbol),
            container_name=one_line(holder_of(symbol)) or None,
        )
        for symbol in symbols
    ]


def workspace_symbol(symbol: IndexSymbol, path: Path, file: Shown | None) -> types.WorkspaceSymbol:
    """Return a definition as one of many of the workspace: at its name in an open file, else at its line."""
    start = types.Position(symbol.start - 1, 0)
    place = types.Range(start, start) if file is None else spans(symbol, file)[1]
    return types.WorkspaceSymbol(
        types.Location(uri_of(path) if file is None else file.uri, place),
        one_line(symbol.name) or "?",
        kind_of(symbol),
        container_name=one_line(holder_of(symbol) or symbol.path) or None,
    )


def holder_of(symbol: IndexSymbol) -> str:
    """Return the dotted name of what a definition is in; empty for nothing."""
    return symbol.symbol.removesuffix(symbol.name).rstrip(".")


def _is_in(inner: IndexSymbol, outer: IndexSymbol) -> bool:
    return (
        inner.symbol.startswith(f"{outer.symbol}.") and outer.start <= inner.start <= inner.end <= outer.end
    )
