"""One session of a runner folded into results: what started, what finished, whether it all agrees."""

from dataclasses import dataclass, field
from typing import Any

from agent.protocol.check import Location, TestResult, TestStatus
from agent.verify.classes import FAILING
from agent.verify.records import Record, Session

_RANK = {None: 0, "passed": 1, "skipped": 2, "failed": 3}


@dataclass(slots=True)
class Progress:
    """What is known about one started test."""

    started_at: float
    phases: dict[str, Record] = field(default_factory=dict)
    seconds: float = 0.0
    timeout: bool = False
    finished: bool = False


@dataclass(slots=True)
class Folded:
    """A session as results: `open` are tests that started and never finished, `waiting` never started."""

    tests: list[TestResult]
    open: dict[str, float]
    """Test id -> seconds into the session at which it started."""
    waiting: list[str]
    started: bool
    """The session began; before that only options are read."""
    collected: int | None
    """How many tests were to run, None when the collection never ended."""
    exit: int | None
    """The exit status that the session announced, None when it never ended."""
    stopped: str
    overridden: tuple[str, ...]
    patched: tuple[str, ...]
    internal: str
    contradiction: str


def fold(session: Session) -> Folded:
    """Fold the records of one session."""
    ids = [str(name) for record in session.of("collected") for name in record.get("ids", ())]
    tests, contradiction = _follow(session, ids)
    end = next(iter(session.of("end")), None)
    collection = next(iter(session.of("collection")), None)
    results = [_broken_file(record) for record in session.of("collect_error")]
    results += [_result(name, test) for name, test in tests.items() if test.finished]
    contradiction = contradiction or _disagreement(session, ids, collection, end, results)
    internal = next(iter(session.of("internal_error")), {})
    return Folded(
        tests=results,
        open={name: test.started_at for name, test in tests.items() if not test.finished},
        waiting=[name for name in dict.fromkeys(ids) if name not in tests],
        started=bool(session.of("session")),
        collected=None if collection is None else len(ids),
        exit=None if end is None else int(end.get("exit", -1)),
        stopped=str(end.get("stopped", "")) if end else "",
        overridden=tuple(name for record in session.of("session") for name in record.get("overridden", ())),
        patched=tuple(end.get("patched", ())) if end else (),
        internal=str(internal.get("message", "")),
        contradiction=contradiction,
    )


def _follow(session: Session, ids: list[str]) -> tuple[dict[str, Progress], str]:
    known, doubled = set(ids), len(set(ids)) != len(ids)
    tests: dict[str, Progress] = {}
    wrong = ""
    for record in session.records:
        kind, name = record.get("type"), str(record.get("id", ""))
        if kind == "start":
            if name not in known:
                wrong = wrong or f"{name} started without being collected"
            if name in tests and not doubled:
                wrong = wrong or f"{name} started twice"
            tests.setdefault(name, Progress(float(record.get("at", 0.0)))).finished = False
        elif kind in ("phase", "finish"):
            if name not in tests or tests[name].finished:
                wrong = wrong or f"{name} reported without having started"
                continue
            if kind == "phase":
                _add_phase(tests[name], record)
            else:
                tests[name].finished = True
    return tests, wrong


def _add_phase(test: Progress, record: Record) -> None:
    when = str(record.get("when"))
    test.seconds += float(record.get("seconds", 0.0))
    test.timeout = test.timeout or bool(record.get("timeout"))
    before = test.phases.get(when)
    # Parts of a test and repeated phases come one by one: the worst counts.
    if before is None or _RANK.get(record.get("outcome"), 3) >= _RANK.get(before.get("outcome"), 3):
        test.phases[when] = record


def _disagreement(
    session: Session, ids: list[str], collection: Record | None, end: Record | None, results: list[TestResult]
) -> str:
    if collection is not None and collection.get("count") != len(ids):
        return "the number of collected tests does not fit their list"
    if len(session.of("end")) > 1 or (end is not None and session.records[-1] is not end):
        return "records follow the end of the session"
    if end is not None and end.get("exit") == 1 and not any(test.status in FAILING for test in results):
        return "the session failed although every test in it passed"
    return ""


def _broken_file(record: Record) -> TestResult:
    return TestResult(
        id=str(record.get("id")),
        status=TestStatus.TIMEOUT if record.get("timeout") else TestStatus.ERROR,
        message=str(record.get("message", "")),
        details=str(record.get("details", "")),
        trace=_trace(record),
    )


def _trace(record: Record) -> tuple[Location, ...]:
    return tuple(Location(path=str(path), line=int(line)) for path, line in record.get("trace", ()))


def _result(name: str, test: Progress) -> TestResult:
    status, told = _status(test)
    reason = "a hook turned this failure into a pass" if _rewritten(test) else str(told.get("message", ""))
    return TestResult(
        id=name,
        status=status,
        seconds=round(test.seconds, 4),
        assertion=bool(told.get("assertion")) and status is TestStatus.FAILED,
        message=reason,
        details=str(told.get("details", "")),
        trace=_trace(told),
    )


def _status(test: Progress) -> tuple[TestStatus, dict[str, Any]]:
    setup, call, teardown = (test.phases.get(when, {}) for when in ("setup", "call", "teardown"))
    worst = next((phase for phase in (call, setup, teardown) if phase.get("outcome") == "failed"), None)
    if test.timeout:
        return TestStatus.TIMEOUT, worst or call
    if worst is call and worst is not None:
        return TestStatus.FAILED, call
    if worst is not None:
        return TestStatus.ERROR, worst
    if setup.get("outcome") == "skipped":
        return (TestStatus.XFAILED if setup.get("xfail") else TestStatus.SKIPPED), setup
    return _call_status(test, call), call


def _call_status(test: Progress, call: Record) -> TestStatus:
    outcome, expected = call.get("outcome"), bool(call.get("xfail"))
    if outcome == "skipped":
        return TestStatus.XFAILED if expected else TestStatus.SKIPPED
    if outcome != "passed":
        # No call was reported: the test was collected and passed over, which proves nothing.
        return TestStatus.NOT_RUN
    if _rewritten(test):
        return TestStatus.FAILED
    return TestStatus.XPASSED if expected else TestStatus.PASSED


def _rewritten(test: Progress) -> bool:
    call = test.phases.get("call", {})
    return call.get("outcome") == "passed" and bool(call.get("raised")) and not call.get("xfail")
