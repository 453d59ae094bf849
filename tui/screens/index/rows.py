"""What stands in the lists of the index browser; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.protocol.index import (
    IndexCaller,
    IndexCallers,
    IndexImpact,
    IndexStatus,
    IndexSymbol,
)

_SURE = 0.95
_LANGUAGES = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere in the code; `symbol` is the definition there, empty for none."""

    path: str
    line: int
    symbol: str = ""

    @property
    def location(self) -> str:
        """Return it as editors and compilers write it."""
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it is about, and a remark that stands back behind it."""

    text: str
    note: str = ""
    place: Place | None = None
    """None for a heading, which cannot be chosen."""


def found(symbols: Iterable[IndexSymbol]) -> list[Row]:
    """Return a row for each symbol."""
    return [
        Row(one.symbol, f"{one.kind} · {one.path}:{one.start}", Place(one.path, one.start, one.symbol))
        for one in symbols
    ]


def definition(one: IndexSymbol) -> list[Row]:
    """Return what a symbol is."""
    lines = f"lines {one.start} to {one.end}" if one.end > one.start else f"line {one.start}"
    kind = f"{one.kind}, a test" if one.is_test else one.kind
    said = [Row(one.doc)] if one.doc else []
    place = Place(one.path, one.start)
    return [Row(one.signature or one.symbol, kind), *said, Row(one.path, lines, place)]


def callers(one: IndexSymbol, answer: IndexCallers, limit: int) -> list[Row]:
    """Return the calls of a symbol, surest first."""
    rows = [
        _call(call.symbol, call, Place(call.path, call.line, call.symbol))
        for call in answer.callers
        if call.target_path == one.path
    ]
    return _section("called by", "nothing that the index knows of", rows, len(answer.callers) >= limit)


def callees(one: IndexSymbol, answer: IndexCallers, limit: int) -> list[Row]:
    """Return what a symbol calls in the order of lines, each once."""
    first = {
        (call.target_path, call.target): call for call in reversed(answer.callers) if call.path == one.path
    }
    rows = [
        _call(call.target, call, Place(call.target_path, 0, call.target)) for call in reversed(first.values())
    ]
    return _section("calls", "nothing of this repository", rows, len(answer.callers) >= limit)


def impact(answer: IndexImpact, limit: int) -> list[Row]:
    """Return the tests that can reach a symbol, nearest first."""
    rows = [
        Row(
            f"{one.path}::{one.symbol}" if one.symbol else one.path,
            _distance(one.distance) + _doubt(one.confidence),
            Place(one.path, 0, one.symbol),
        )
        for one in answer.tests
    ]
    return _section("tests that reach it", "none that the index knows of", rows, len(answer.tests) >= limit)


def standing(status: IndexStatus) -> str:
    """Return one sentence about what is indexed."""
    if status.building is not None:
        return f"the index is being built: {status.building.done} of {status.building.total} files"
    if not status.files:
        return f"nothing is indexed yet; the first search does it, for {status.missing} files"
    known = sorted(status.languages.items(), key=lambda pair: -pair[1])
    languages = "".join(f", {count} {name}" for name, count in known[:_LANGUAGES] if name)
    missing = f"; {status.missing} files still to come" if status.missing else ""
    return f"{status.symbols} symbols in {status.files} files{languages}{missing}"


def _call(called: str, call: IndexCaller, place: Place) -> Row:
    return Row(called or "the file itself", f"{place.location}{_doubt(call.confidence)}", place)


def _section(title: str, without: str, rows: Sequence[Row], more: bool) -> list[Row]:
    count = f"{len(rows)}{' or more' if more else ''}"
    return [Row(""), Row(title, count if rows else without), *rows]


def _distance(calls: int) -> str:
    return "at once" if calls == 0 else f"{calls} step{'s' if calls > 1 else ''} away"


def _doubt(confidence: float) -> str:
    return "" if confidence >= _SURE else f" · {confidence:.0%} sure"
