"""What one task says about each test of the working tree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.protocol.check import Location, TestResult, TestStatus
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Scope, Verdict
from lsp.facts.checkout import is_of_checkout


class Outcome(StrEnum):
    """How a test stands."""

    PASSED = "passed"
    FAILING = "failing"
    FLAKY = "flaky"
    SKIPPED = "skipped"
    CLEAR = "clear"
    """It ran, and is not among those that do not pass."""
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Result:
    """What a task found about a test; `trace` has the frames inside the tree, outermost first."""

    test: str
    outcome: Outcome
    task: str
    message: str = ""
    trace: tuple[Location, ...] = ()
    broken: bool = False
    """It passed before the change that the task judged."""
    patched: bool = False
    """It is about the tree with the task's patch on it, not about the one that the task found."""


@dataclass(frozen=True, slots=True)
class Results:
    """Those of one task."""

    task: str
    of: Mapping[str, Result]
    all_others_pass: bool = False
    """Everything ran, so that what is not named does not fail."""


_OUTCOMES = {
    TestStatus.PASSED: Outcome.PASSED,
    TestStatus.XPASSED: Outcome.PASSED,
    TestStatus.XFAILED: Outcome.PASSED,
    TestStatus.SKIPPED: Outcome.SKIPPED,
    TestStatus.FAILED: Outcome.FAILING,
    TestStatus.ERROR: Outcome.FAILING,
    TestStatus.TIMEOUT: Outcome.FAILING,
    TestStatus.CRASHED: Outcome.FAILING,
}


def results_of(state: TaskState, *, applied: bool) -> Results:
    """Return what a task says about tests as the user has them; `applied` says whether its patch is there."""
    if not is_of_checkout(state) or state.spec is None:
        return Results(state.task_id, {})
    if state.spec.kind is TaskKind.VERIFY:
        verdict = state.verdict
        found = _judged(state, verdict, patched=state.spec.patch is not None) if verdict else {}
        return Results(state.task_id, found, verdict is not None and _is_full(state, verdict))
    before = _measured(state)
    if applied and state.verdict is not None:
        return Results(state.task_id, {**before, **_judged(state, state.verdict, patched=True)})
    return Results(state.task_id, before)


def _is_full(state: TaskState, verdict: Verdict) -> bool:
    whole = verdict.scope is Scope.FULL and not verdict.not_run
    return whole and state.spec is not None and state.spec.command is None and not state.spec.tests


def _measured(state: TaskState) -> dict[str, Result]:
    """Return the results on the tree that was found; of several for a test the worst."""
    found: dict[str, Result] = {}
    for run in state.baseline or ():
        for test in run.tests:
            outcome = _OUTCOMES.get(test.status)
            known = found.get(test.id)
            if outcome is not None and (known is None or known.outcome is not Outcome.FAILING):
                found[test.id] = _result(state.task_id, test, outcome)
    return found


def _result(task: str, test: TestResult, outcome: Outcome) -> Result:
    if outcome is not Outcome.FAILING:
        return Result(test.id, outcome, task)
    said = test.message or f"the test ended as {test.status}"
    return Result(test.id, outcome, task, said, test.trace)


def _judged(state: TaskState, verdict: Verdict, *, patched: bool) -> dict[str, Result]:
    """Return what a verdict says about the tree with the change; what did not run is left out."""
    told = {one.test: one for one in verdict.failures}
    worse = {*verdict.broken, *verdict.weakened}

    def results(names: Iterable[str], outcome: Outcome) -> dict[str, Result]:
        return {name: Result(name, outcome, state.task_id, patched=patched) for name in names}

    def failing(name: str) -> Result:
        failure = told.get(name)
        trace = (failure.location,) if failure and failure.location else ()
        said = failure.message if failure else ""
        return Result(name, Outcome.FAILING, state.task_id, said, trace, name in worse, patched)

    return {
        **results(verdict.new, Outcome.CLEAR),
        **results(verdict.fixed, Outcome.PASSED),
        **results(verdict.skipped_now, Outcome.SKIPPED),
        **results(verdict.vanished, Outcome.GONE),
        **results(verdict.flaky, Outcome.FLAKY),
        **{name: failing(name) for name in (*verdict.broken, *verdict.weakened, *verdict.still_failing)},
    }
