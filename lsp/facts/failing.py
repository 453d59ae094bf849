"""Failing tests, at the lines at which they fail."""

from collections.abc import Iterable, Mapping

from agent.protocol.check import Location
from lsp.facts.fact import Fact, Level, Related
from lsp.facts.results import Outcome, Result
from lsp.facts.tests import Record, path_of_test
from lsp.facts.words import LONGEST, counted, some
from lsp.names import Code
from lsp.showing.plain import one_line

_MOST_FRAMES = 20
_MOST_DEFINITIONS = 5

_Place = tuple[str, bool, bool, Location]


def failing(known: Mapping[str, Record]) -> list[Fact]:
    """Return a fact for each line at which tests fail: the innermost frame inside the tree."""
    groups: dict[_Place, list[Result]] = {}
    for record in known.values():
        result = record.last
        place = _place(result) if result.outcome is Outcome.FAILING else None
        if place is not None:
            groups.setdefault(place, []).append(result)
    return [_fact(results) for results in groups.values()]


def _place(result: Result) -> _Place | None:
    """Return what the results have in common that are told of together."""
    if result.trace:
        return result.task, result.patched, result.broken, result.trace[-1]
    path = path_of_test(result.test)
    # Without a frame each test is told of at its own definition: line 0 is none.
    return (result.task, result.patched, result.broken, Location(path=path, line=0)) if path else None


def _fact(results: list[Result]) -> Fact:
    first = results[0]
    tests = tuple(result.test for result in results)
    path = path_of_test(first.test)
    return Fact(
        code=Code.BROKEN if first.broken else Code.FAILING,
        task=first.task,
        location=first.trace[-1] if first.trace else Location(path=path, line=0),
        message=_message(first, tests),
        level=Level.ERROR,
        tests=tests,
        related=tuple(_related(results)),
        patched=first.patched,
        at_definition=not first.trace,
    )


def _message(first: Result, tests: tuple[str, ...]) -> str:
    verb = "is broken by the change" if first.broken else "fails"
    verbs = "are broken by the change" if first.broken else "fail"
    said = f": {one_line(first.message, LONGEST)}" if first.message else ""
    if len(tests) == 1:
        return f"{one_line(tests[0])} {verb}{said}"
    return f"{counted(len(tests), 'test')} {verbs} here{said} ({some(tests)})"


def _related(results: list[Result]) -> Iterable[Related]:
    for result in results[:_MOST_DEFINITIONS]:
        yield Related(f"{one_line(result.test)} is defined here", test=result.test)
    frames = results[0].trace[:-1][-_MOST_FRAMES:]
    for frame in reversed(frames):
        yield Related("called from here", location=frame)
