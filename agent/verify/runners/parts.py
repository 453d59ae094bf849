"""One process of a run, as results."""

from collections.abc import Iterable
from dataclasses import dataclass

from agent.protocol.check import RunEnd, TestResult, TestStatus
from agent.verify.records import read_records
from agent.verify.run_end import Stop, stop_of
from agent.verify.runners.commands import Invocation, is_launched
from agent.verify.session import Folded, fold
from sandboxes.sandbox import Ending, Result

_SLACK = 0.9
"""Share of the test's own limit after which an unfinished test counts as timed out."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one process gave; `culprit`: a single test ended it, `waiting`: what it kept from running."""

    result: Result
    stop: Stop
    tests: tuple[TestResult, ...]
    sessions: tuple[Folded, ...]
    culprit: bool = False
    waiting: tuple[str, ...] = ()
    overridden: tuple[str, ...] = ()
    patched: tuple[str, ...] = ()


def read_part(result: Result, invocation: Invocation) -> Part:
    """Read what one process reported; tests that never finished are named with the reason."""
    records = read_records(result.report, invocation.key)
    sessions = tuple(fold(session) for session in records.sessions)
    launched = is_launched(invocation.check)
    stop = _stop(result, sessions, records.foreign, launched)
    tests: dict[str, TestResult] = {}
    for session in sessions:
        for test in (*session.tests, *_unfinished(session, result, invocation, stop)):
            tests[test.id] = _worse(tests.get(test.id), test)
    waiting = tuple(name for session in sessions for name in session.waiting)
    return Part(
        result=result,
        stop=stop,
        tests=tuple(tests.values()),
        sessions=sessions,
        culprit=launched and _has_culprit(sessions, tests, stop),
        waiting=waiting,
        overridden=_joined(session.overridden for session in sessions),
        patched=_joined(session.patched for session in sessions),
    )


def _stop(result: Result, sessions: tuple[Folded, ...], foreign: str, launched: bool) -> Stop:
    if foreign:
        return Stop(RunEnd.FORGED, foreign)
    if result.report_cut:
        return Stop(RunEnd.TRUNCATED, "the report was longer than may be kept")
    if launched and len(sessions) > 1:
        return Stop(RunEnd.FORGED, "more than one session reported")
    stops = [stop_of(result, session, launched=launched) for session in sessions or (None,)]
    return next((stop for stop in stops if stop.end is RunEnd.FORGED), None) or next(
        (stop for stop in stops if stop.end is not RunEnd.COMPLETE), stops[0]
    )


def _unfinished(session: Folded, result: Result, invocation: Invocation, stop: Stop) -> list[TestResult]:
    """Return the results of tests that started or waited when the process ended."""
    found = []
    for name, started_at in session.open.items():
        status = _status_of_open(started_at, result, invocation)
        found.append(TestResult(id=name, status=status, message=stop.reason))
    found += [TestResult(id=name, status=TestStatus.NOT_RUN) for name in session.waiting]
    return found


def _status_of_open(started_at: float, result: Result, invocation: Invocation) -> TestStatus:
    took = result.seconds - started_at
    if took >= invocation.test_seconds * _SLACK:
        return TestStatus.TIMEOUT
    # The limit of the whole run, or the user, cut into an innocent test.
    if result.ending in (Ending.TIMEOUT, Ending.CANCELLED, Ending.LOST):
        return TestStatus.NOT_RUN
    return TestStatus.CRASHED


def _has_culprit(sessions: tuple[Folded, ...], tests: dict[str, TestResult], stop: Stop) -> bool:
    blamed = (TestStatus.CRASHED, TestStatus.TIMEOUT)
    opened = [name for session in sessions for name in session.open]
    return (
        stop.end is not RunEnd.FORGED
        and bool(opened)
        and all(tests[name].status in blamed for name in opened)
    )


def _worse(before: TestResult | None, after: TestResult) -> TestResult:
    """Keep the failure when a command ran the same test twice."""
    good = (TestStatus.PASSED, TestStatus.XPASSED, TestStatus.SKIPPED, TestStatus.XFAILED)
    return after if before is None or before.status in good else before


def _joined(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group))
