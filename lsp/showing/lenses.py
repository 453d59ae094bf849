"""What is said above tests and functions of a document."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lsp.facts.definition import definition, definitions
from lsp.facts.results import Outcome
from lsp.facts.tests import Record, names_of_test, of_file
from lsp.facts.words import counted, short_id
from lsp.folders import Within
from lsp.names import CommandName, Order
from lsp.showing.known import Known
from lsp.showing.outlines import MOST_TESTS, Outline
from lsp.text.document import Encoding
from lsp.text.placing import Shift

MOST = 500
_MOST_RUN = 50
"""Tests that one click names; a function that more of them reach is judged by all tests."""
_WORST_FIRST = (Outcome.FAILING, Outcome.FLAKY, Outcome.PASSED, Outcome.CLEAR, Outcome.SKIPPED)
_SAID = {
    Outcome.FAILING: "failing",
    Outcome.FLAKY: "flaky",
    Outcome.PASSED: "passed",
    Outcome.CLEAR: "no failure",
    Outcome.SKIPPED: "skipped",
}


@dataclass(frozen=True, slots=True)
class Lens:
    """Words above a line, from 1, and what a click on them does."""

    line: int
    title: str
    command: CommandName
    order: Order


@dataclass(frozen=True, slots=True)
class View:
    """A document as it is now."""

    uri: str
    within: Within
    lines: Sequence[str]
    encoding: Encoding


def lenses(view: View, known: Known, outline: Outline) -> list[Lens]:
    """Return what is known of the tests and functions of a document, in the order of lines."""
    shift = Shift(outline.seen, view.lines)
    tests = _tests(view, known, outline, shift)
    found = [one for line, ids in tests.items() for one in _of_test(view, known, line, ids)]
    found += _of_functions(view, known, outline, shift)
    return sorted(found, key=lambda one: one.line)[:MOST]


def _tests(view: View, known: Known, outline: Outline, shift: Shift) -> dict[int, list[str]]:
    """Return the tests at each line: those that tasks told of, and those that the index takes for tests."""
    path = view.within.path
    defined = definitions(view.lines)
    found: dict[int, list[str]] = {}
    for record in of_file(known.records, path):
        line = definition(defined, record.last.test)
        if line is not None:
            found.setdefault(line, []).append(record.last.test)
    for symbol in outline.symbols:
        names = tuple(symbol.symbol.split("."))
        line = defined.get(names) or shift.line(symbol.start)
        if symbol.is_test and line is not None and symbol.kind != "class":
            found.setdefault(line, ["::".join((path, *names))])
    return found


def _of_test(view: View, known: Known, line: int, ids: Sequence[str]) -> Iterator[Lens]:
    told = [known.records[one] for one in ids if one in known.records]
    if told:
        yield Lens(line, *_verdict(view, told))
    named = tuple(dict.fromkeys("::".join((view.within.path, *names_of_test(one))) for one in ids))
    yield Lens(line, "Run", CommandName.VERIFY, Order(uri=view.uri, tests=named))
    failing = _failing(told)
    if failing:
        yield Lens(line, "Fix", CommandName.FIX, Order(uri=view.uri, tests=failing))


def _verdict(view: View, told: Sequence[Record]) -> tuple[str, CommandName, Order]:
    """Say how the worst of the cases of a test stands, by the newest task that says so."""
    worst = min(told, key=lambda one: _WORST_FIRST.index(one.last.outcome))
    alike = sum(one.last.outcome is worst.last.outcome for one in told)
    share = f" ({alike} of {len(told)} cases)" if len(told) > 1 and alike < len(told) else ""
    title = f"{_SAID[worst.last.outcome]} in {short_id(worst.last.task)}{share}"
    wavered = max(told, key=lambda one: len(one.flaky_in))
    if wavered.flaky_in and worst.last.outcome is not Outcome.FLAKY:
        title += f", flaky in {counted(len(wavered.flaky_in), 'task')}"
    return title, CommandName.SHOW, Order(uri=view.uri, task=worst.last.task)


def _of_functions(view: View, known: Known, outline: Outline, shift: Shift) -> Iterator[Lens]:
    for symbol in outline.symbols:
        tests = outline.reached.get(symbol.start)
        line = shift.line(symbol.start)
        if tests is None or line is None:
            continue
        more = "+" if len(tests) >= MOST_TESTS else ""
        failing = _failing(_told(known, tests))
        wrong = f", {len(failing)} failing" if failing else ""
        number = f"{len(tests)}{more} tests" if more else counted(len(tests), "test")
        order = Order(uri=view.uri, tests=tests if len(tests) <= _MOST_RUN else ())
        yield Lens(line, f"covered by {number}{wrong}", CommandName.VERIFY, order)
        if tests:
            yield Lens(line, "Run", CommandName.VERIFY, order)
        if failing:
            yield Lens(line, "Fix", CommandName.FIX, Order(uri=view.uri, tests=failing[:_MOST_RUN]))


def _told(known: Known, tests: Iterable[str]) -> Iterator[Record]:
    """Yield what is known of tests and of their cases."""
    wanted = set(tests)
    return (one for test, one in known.records.items() if test in wanted or test.partition("[")[0] in wanted)


def _failing(told: Iterable[Record]) -> tuple[str, ...]:
    return tuple(one.last.test for one in told if one.last.outcome in (Outcome.FAILING, Outcome.FLAKY))
