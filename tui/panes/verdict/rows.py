"""The rows of the verdict matrix, from what a task recorded."""

from collections.abc import Iterable, Iterator, Mapping

from agent.protocol.check import Location, RunEnd, TestResult, TestStatus
from agent.protocol.state import TaskState
from agent.protocol.verdict import Failure, Scope, Verdict
from tui.panes.verdict.row import Kind, Row

FAILING = frozenset({TestStatus.FAILED, TestStatus.ERROR, TestStatus.TIMEOUT, TestStatus.CRASHED})
_SKIPPED = frozenset({TestStatus.SKIPPED, TestStatus.XFAILED})
_RANK = {kind: rank for rank, kind in enumerate(Kind)}
_Base = Mapping[str, TestResult]
# What follows from a class alone; a proof and the base say it more exactly.
_WORDS = {
    Kind.BROKEN: ("", "failed"),
    Kind.WEAKENED: ("", "failed"),
    Kind.VANISHED: ("", "absent"),
    Kind.NOT_RUN: ("", "not run"),
    Kind.SKIPPED_NOW: ("", "skipped"),
    Kind.STILL_FAILING: ("failed", "failed"),
    Kind.FLAKY: ("", "wavers"),
    Kind.FIXED: ("failed", "passed"),
    Kind.NEW: ("", "good"),
}


def rows_before(state: TaskState) -> tuple[Row, ...]:
    """Return what the base says of each test, the failing ones first; nothing before it was measured."""
    return _ordered([*map(_base_row, _base_of(state).values()), *_cut_short(state)])


def rows_of(state: TaskState, verdict: Verdict) -> tuple[Row, ...]:
    """Return everything that a verdict says, the gravest first."""
    base = _base_of(state)
    known = dict[str, Row]()
    for kind, names in _classes(verdict):
        for row in _tests(kind, names, verdict, base):
            known.setdefault(row.name, row)
    # A test that was rewritten may pass now, and yet fail as it was.
    rows = [*known.values(), *_evidence(verdict), *_passed(verdict, base, known)]
    return _ordered(rows)


def _ordered(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: _RANK[row.kind]))


def _base_of(state: TaskState) -> dict[str, TestResult]:
    """Return the results on the base; of several for a test the worst."""
    found: dict[str, TestResult] = {}
    for run in state.baseline or ():
        for test in run.tests:
            if test.id not in found or test.status in FAILING:
                found[test.id] = test
    return found


def _cut_short(state: TaskState) -> Iterator[Row]:
    """Yield the runs on the base that did not get to their end."""
    for run in state.baseline or ():
        if run.end not in (RunEnd.COMPLETE, RunEnd.NO_TESTS):
            said = f"{run.check} ended as {word(run.end)}: {run.reason}".rstrip(": ")
            yield Row(Kind.NOTE, "", message=said, details=run.output_tail, seconds=run.seconds)


def _base_row(test: TestResult) -> Row:
    kind = Kind.FAILING if test.status in FAILING else Kind.PASSED
    kind = Kind.SKIPPED if test.status in _SKIPPED else kind
    return Row(
        kind,
        test.id,
        word(test.status),
        message=test.message,
        location=_innermost(test),
        trace=test.trace,
        details=test.details,
        seconds=test.seconds,
    )


def word(status: TestStatus | RunEnd) -> str:
    """Return an outcome as it is shown."""
    return status.value.replace("_", " ")


def _classes(verdict: Verdict) -> Iterator[tuple[Kind, tuple[str, ...]]]:
    yield Kind.BROKEN, verdict.broken
    yield Kind.WEAKENED, verdict.weakened
    yield Kind.VANISHED, verdict.vanished
    yield Kind.NOT_RUN, verdict.not_run
    yield Kind.SKIPPED_NOW, verdict.skipped_now
    yield Kind.STILL_FAILING, verdict.still_failing
    yield Kind.FLAKY, verdict.flaky
    yield Kind.FIXED, verdict.fixed
    yield Kind.NEW, verdict.new


def _tests(kind: Kind, names: Iterable[str], verdict: Verdict, base: _Base) -> Iterator[Row]:
    failures = {one.test: one for one in verdict.failures}
    proofs = {one.test: one for one in verdict.proofs}
    before, after = _WORDS[kind]
    for name in names:
        proof, failure, known = proofs.get(name), failures.get(name), base.get(name)
        yield Row(
            kind,
            name,
            word(proof.red) if proof else word(known.status) if known else before,
            word(proof.candidate) if proof and kind is not Kind.WEAKENED else after,
            message=_message(failure, known, kind),
            location=_place(failure, known),
            trace=known.trace if known else (),
            details=known.details if known else "",
            seconds=known.seconds if known else 0.0,
            proof=proof,
        )


def _message(failure: Failure | None, known: TestResult | None, kind: Kind) -> str:
    if failure is not None:
        return failure.message
    # What it said before is no answer to why it is broken now.
    return known.message if known and kind in (Kind.FIXED, Kind.STILL_FAILING, Kind.FLAKY) else ""


def _place(failure: Failure | None, known: TestResult | None) -> Location | None:
    if failure is not None and failure.location is not None:
        return failure.location
    return _innermost(known) if known else None


def _innermost(test: TestResult) -> Location | None:
    return test.trace[-1] if test.trace else None


def _passed(verdict: Verdict, base: _Base, known: Mapping[str, Row]) -> Iterator[Row]:
    """Yield the tests that are as they were; of those that were not met on the base only their number."""
    named = 0
    for test in base.values() if verdict.scope is Scope.FULL else ():
        skipped = test.status in _SKIPPED
        if test.id in known or test.status in FAILING or not (skipped or named < verdict.passed):
            continue
        named += not skipped
        after = word(test.status) if skipped else "passed"
        yield Row(Kind.PASSED, test.id, word(test.status), after, seconds=test.seconds)
    if verdict.passed > named:
        others = verdict.passed - named
        also = " other" if named or known else ""
        said = f"{others}{also} test{'s' * (others != 1)} passed"
        yield Row(Kind.PASSED, "", after="passed", message=said, count=others)


def _evidence(verdict: Verdict) -> Iterator[Row]:
    """Yield what speaks about a change beside the outcomes of its tests."""
    for one in verdict.diagnostics:
        said = " ".join(part for part in (one.tool, one.code) if part)
        yield _at(Kind.COMPLAINT, one.location, f"{said}: {one.message}")
    for found in verdict.tampering:
        what = found.kind.value.replace("_", " ")
        named = f" in {found.test}" if found.test else ""
        yield _at(Kind.LOOSENED, found.location, f"{what}{named}: {found.message}".rstrip(": "))
    for path in verdict.test_control:
        yield Row(Kind.SET_APART, path, message="it decides how tests run: running them proves nothing of it")
    for survivor in verdict.strength.survivors if verdict.strength else ():
        yield _at(Kind.UNNOTICED, survivor.location, f"{survivor.change}: no test notices")
    for note in verdict.notes:
        yield Row(Kind.NOTE, "", message=note)


def _at(kind: Kind, location: Location, message: str) -> Row:
    return Row(kind, f"{location.path}:{location.line}", message=message, location=location)
