"""What commands and routes answer about a snapshot, as values that leave the process."""

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from agent.index.facts import MODULE, Kind
from agent.index.impact import impacted_tests
from agent.index.repo_map import repo_map
from agent.index.search.hybrid import Search
from agent.index.snapshot import SnapshotView
from agent.index.view import Edge, Symbol
from agent.protocol.index import (
    IndexCaller,
    IndexCallers,
    IndexHit,
    IndexHits,
    IndexImpact,
    IndexMap,
    IndexReference,
    IndexReferences,
    IndexSymbol,
    IndexSymbols,
    IndexTest,
)


def find_hits(search: Search, text: str, limit: int) -> IndexHits:
    """Return the places that a text is about, best first."""
    hits = (
        IndexHit(
            path=_shown(hit.path),
            start=hit.start,
            end=hit.end,
            symbol=hit.symbol,
            kind=hit.kind,
            score=hit.score,
            why=dict(hit.why),
        )
        for hit in search.hits(text, limit)
    )
    return IndexHits(commit=search.view.commit, hits=tuple(hits))


def list_symbols(view: SnapshotView, target: str | None, limit: int) -> IndexSymbols:
    """Return the definitions of a file or folder, or else those called `target`; None is everything."""
    found = islice(_symbols(view, target), limit)
    return IndexSymbols(commit=view.commit, symbols=tuple(_symbol(view, one) for one in found))


def match_symbols(view: SnapshotView, part: str, limit: int) -> IndexSymbols:
    """Return definitions of code whose name, dotted or not, holds a text in any case, nearest first."""
    last, wanted = part.rpartition(".")[2], part.lower()
    names = sorted(view.names_with(last), key=lambda name: _far(name, last))
    found = (one for name in names for one in view.find(name) if wanted in one.qualname.lower())
    code = (one for one in found if one.kind != Kind.SECTION)
    return IndexSymbols(commit=view.commit, symbols=tuple(_symbol(view, one) for one in islice(code, limit)))


def list_references(view: SnapshotView, name: str, limit: int) -> IndexReferences:
    """Return where a name is used in code."""
    references = (
        IndexReference(
            path=_shown(one.path),
            line=one.line,
            column=one.column,
            symbol=_called(view, one.path, one.definition),
        )
        for one in islice(view.references(name), limit)
    )
    return IndexReferences(commit=view.commit, references=tuple(references))


def list_callers(view: SnapshotView, name: str, limit: int) -> IndexCallers:
    """Return the calls that can reach what is called `name`, surest first."""
    found = [edge for symbol in view.find(name) for edge in view.callers(symbol)]
    found.sort(key=lambda edge: (-edge.confidence, edge.path, edge.line))
    # Overloads are several definitions of one name: a call to them is shown once.
    rows = dict.fromkeys(_caller(view, edge) for edge in found)
    return IndexCallers(commit=view.commit, callers=tuple(rows)[:limit])


def list_callees(view: SnapshotView, name: str, limit: int) -> IndexCallers:
    """Return the calls in what is called `name` and what they can reach, in the order of lines."""
    found = [edge for symbol in view.find(name) for edge in view.callees(symbol.path, symbol.ordinal)]
    found.sort(key=lambda edge: (edge.path, edge.line, -edge.confidence))
    rows = dict.fromkeys(_caller(view, edge) for edge in found)
    return IndexCallers(commit=view.commit, callers=tuple(rows)[:limit])


def draw_map(search: Search, text: str, tokens: int, limit: int) -> IndexMap:
    """Return a map of at most `tokens` and `limit` files: for a text, or of what much else depends on."""
    drawn = repo_map(search, tokens, text, limit)
    return IndexMap(
        commit=search.view.commit,
        map=_shown(drawn.text),
        tokens=drawn.tokens,
        files=tuple(map(_shown, drawn.files)),
    )


def find_impact(view: SnapshotView, targets: Iterable[str], limit: int) -> IndexImpact:
    """Return the tests that can reach paths or symbols, nearest and surest first."""
    found = impacted_tests(view, [target.removeprefix("./") for target in targets])[:limit]
    tests = (
        IndexTest(path=_shown(one.path), symbol=one.symbol, distance=one.distance, confidence=one.confidence)
        for one in found
    )
    return IndexImpact(commit=view.commit, tests=tuple(tests))


def _far(name: str, part: str) -> tuple[bool, bool, int, str]:
    """Return how far a name is from a text that it holds, to sort by."""
    return name != part, not name.lower().startswith(part.lower()), len(name), name


def _symbols(view: SnapshotView, target: str | None) -> Iterator[Symbol]:
    if target is None or (inside := _inside(view, target)):
        for path in view.paths if target is None else inside:
            for ordinal in range(len(view.scopes(path).rows)):
                yield view.symbol(path, ordinal)
    else:
        yield from view.find(target)


def _inside(view: SnapshotView, target: str) -> Sequence[str]:
    place = target.removeprefix("./").rstrip("/")
    if place in view.files():
        return [place]
    return [path for path in view.paths if path.startswith(f"{place}/")]


def _symbol(view: SnapshotView, symbol: Symbol) -> IndexSymbol:
    definition = view.definition(symbol.path, symbol.ordinal)
    return IndexSymbol(
        path=_shown(symbol.path),
        start=symbol.start_line,
        end=symbol.end_line,
        name=symbol.name,
        symbol=symbol.qualname,
        kind=symbol.kind,
        signature=definition.signature,
        doc=definition.doc,
        is_test=definition.is_test,
    )


def _caller(view: SnapshotView, edge: Edge) -> IndexCaller:
    return IndexCaller(
        path=_shown(edge.path),
        line=edge.line,
        symbol=_called(view, edge.path, edge.definition),
        target_path=_shown(edge.target_path),
        target=_called(view, edge.target_path, edge.target),
        confidence=round(edge.confidence, 3),
    )


def _called(view: SnapshotView, path: str, ordinal: int) -> str:
    return "" if ordinal == MODULE else view.symbol(path, ordinal).qualname


def _shown(path: str) -> str:
    # What is not UTF-8 in a path cannot be in JSON.
    return os.fsencode(path).decode("utf-8", "backslashreplace")
