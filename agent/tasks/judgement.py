"""What the measured facts mean: which tests to fix, and which outcome a verdict deserves."""

from collections.abc import Iterable, Sequence

from agent.protocol.check import Run, RunEnd, TestResult, TestStatus
from agent.protocol.forge import RunEvidence
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.value import Value
from agent.protocol.verdict import Scope, Verdict
from agent.verify.workflows.signature import failing_again, same_failure

FAILING = frozenset({TestStatus.FAILED, TestStatus.ERROR, TestStatus.TIMEOUT, TestStatus.CRASHED})


class Judgement(Value):
    """An outcome with the sentence and the hint that go with it."""

    outcome: Outcome
    reason: str
    hint: str = ""


def failing(runs: Iterable[Run]) -> tuple[TestResult, ...]:
    """Return every failing test of the runs, in the order they ran."""
    return tuple(test for run in runs for test in run.tests if test.status in FAILING)


def groups(tests: Sequence[TestResult]) -> tuple[tuple[TestResult, ...], ...]:
    """Group failures by suspect: the innermost file of the tree that each traceback ends in.

    A failed assertion ends in its own test file and names no suspect; it goes with the failures of
    that file that do, since they most likely show the same bug.
    """
    found: dict[str, list[TestResult]] = {}
    told = [test for test in tests if _suspect(test) != _file(test)]
    for test in told:
        found.setdefault(_suspect(test), []).append(test)
    of_file = {_file(test): _suspect(test) for test in reversed(told)}
    for test in tests:
        if _suspect(test) == _file(test):
            found.setdefault(of_file.get(_file(test), _file(test)), []).append(test)
    return tuple(tuple(group) for group in found.values())


def _suspect(test: TestResult) -> str:
    return test.trace[-1].path if test.trace else _file(test)


def _file(test: TestResult) -> str:
    return test.id.partition("::")[0]


def targets(state: TaskState) -> tuple[TestResult, ...]:
    """Return the tests a fix task must fix: all failing ones that were named, else the first group."""
    failures = failing(state.baseline or ())
    names = state.spec.tests if state.spec else ()
    evidence = failed_run(state)
    if evidence is not None and evidence.failing:
        names = failing_again(evidence, state.baseline or ())
    if names:
        return tuple(test for test in failures if any(is_named(test.id, name) for name in names))
    return groups(failures)[0] if failures else ()


def failed_run(state: TaskState) -> RunEvidence | None:
    """Return how the workflow run failed that a task is about; None for any other task."""
    return state.admission.evidence if state.admission is not None else None


def other_failure(state: TaskState) -> str:
    """Say why what fails on the base is not what failed in the workflow run; empty when it is."""
    evidence = failed_run(state)
    if evidence is None or state.baseline is None:
        return ""
    return same_failure(evidence, state.baseline)


def is_named(test_id: str, name: str) -> bool:
    """True when a node id or path names a test: itself, its parameters, its class, file or folder."""
    name = name.rstrip("/")
    return test_id == name or test_id.startswith((f"{name}::", f"{name}[", f"{name}/"))


def accepts(verdict: Verdict, wanted: Iterable[str]) -> bool:
    """True when every wanted test is fixed, nothing got worse and no test was loosened, measured in full."""
    proven = verdict.scope is Scope.FULL and verdict.harmless and set(wanted) <= set(verdict.fixed)
    # A candidate that edits what decides how tests run, or the tests themselves, would vouch for itself.
    return proven and not (verdict.test_control or verdict.tampering or verdict.skipped_now)


def unknown_names(state: TaskState) -> tuple[str, ...]:
    """Return the named tests that the base run did not meet."""
    met = [test.id for run in state.baseline or () for test in run.tests]
    names = state.spec.tests if state.spec else ()
    return tuple(name for name in names if not any(is_named(test_id, name) for test_id in met))


def judge_fix(verdict: Verdict, wanted: Iterable[str]) -> Judgement:
    """Return the outcome of an accepted fix."""
    count = len(set(wanted))
    fixed = f"{count} failing test{'s' if count != 1 else ''} fixed, nothing broken"
    if verdict.still_failing:
        return Judgement(
            outcome=Outcome.VERIFIED_WITH_PREEXISTING,
            reason=f"{fixed}; {told_still_failing(verdict)}",
        )
    return Judgement(outcome=Outcome.VERIFIED, reason=f"{fixed} ({verdict.passed} other tests pass)")


def judge_change(verdict: Verdict) -> Judgement:
    """Return the outcome of `verify` for a measured change."""
    harm = _harm(verdict)
    if harm:
        return Judgement(outcome=Outcome.BROKEN, reason=f"the change {harm}")
    if verdict.not_run:
        count = len(verdict.not_run)
        return Judgement(
            outcome=Outcome.UNVERIFIED,
            reason=f"{count} test{'s' if count != 1 else ''} could not be measured",
            hint="a run was cut short; raise --timeout or look at the log",
        )
    measured = verdict.passed + len(verdict.fixed) + len(verdict.new) + len(verdict.still_failing)
    if not measured:
        return Judgement(
            outcome=Outcome.UNVERIFIED,
            reason="no check could measure the change",
            hint="add tests, or name a command with --test or [checks] in .ratchet.toml",
        )
    if verdict.test_control:
        files = ", ".join(verdict.test_control[:3])
        return Judgement(
            outcome=Outcome.UNVERIFIED,
            reason=f"the change edits files that decide how tests run ({files}); read them yourself",
            hint="results of such a change rest on the change itself, so they prove nothing alone",
        )
    if verdict.still_failing:
        return Judgement(
            outcome=Outcome.VERIFIED_WITH_PREEXISTING,
            reason=f"nothing broken; {told_still_failing(verdict)}",
        )
    return Judgement(outcome=Outcome.VERIFIED, reason=_good(verdict))


def told_still_failing(verdict: Verdict) -> str:
    """Say how many tests failed before and still do."""
    count = len(verdict.still_failing)
    return f"{count} test{'s' if count != 1 else ''} failed before and still fail{'s' if count == 1 else ''}"


def _harm(verdict: Verdict) -> str:
    parts = [
        f"{verb} {len(names)} {noun}{'s' if len(names) != 1 else ''}"
        for verb, names, noun in (
            ("breaks", verdict.broken, "test"),
            ("loses", verdict.vanished, "test"),
            ("adds", verdict.diagnostics, "diagnostic"),
        )
        if names
    ]
    return " and ".join(parts)


def _good(verdict: Verdict) -> str:
    parts = [f"{len(verdict.fixed)} fixed"] if verdict.fixed else []
    parts += [f"{len(verdict.new)} new"] if verdict.new else []
    return "nothing broken: " + ", ".join([*parts, f"{verdict.passed} passed as before"])


def cannot_measure(run: Run) -> Judgement | None:
    """Return why a baseline run is no base to work from, None when it is one."""
    if _lacks_a_module(run):
        return Judgement(
            outcome=Outcome.ENVIRONMENT,
            reason="no test could be collected, because a module is missing from the environment",
            hint="name the package under [environment] packages in .ratchet.toml (`ratchet init` writes one)",
        )
    if run.tests and run.end is not RunEnd.FORGED:
        return None
    sentences = {
        RunEnd.USAGE: (Outcome.USAGE, "the test runner refused its arguments"),
        RunEnd.TIMEOUT: (Outcome.BUDGET, "the check did not end within its time limit"),
        RunEnd.NO_TESTS: (Outcome.UNVERIFIED, "the check found no tests"),
        RunEnd.FORGED: (Outcome.UNVERIFIED, "the records of the run contradict each other"),
    }
    default = (Outcome.ENVIRONMENT, "the check could not be run")
    outcome, sentence = sentences.get(run.end, default)
    if run.end is RunEnd.COMPLETE:
        outcome, sentence = Outcome.UNVERIFIED, "the check found no tests"
    reason = f"{sentence}: {run.reason}" if run.reason else sentence
    return Judgement(outcome=outcome, reason=reason, hint=_HINTS.get(outcome, ""))


def _lacks_a_module(run: Run) -> bool:
    if run.end is not RunEnd.COLLECTION_ERROR or not run.tests:
        return False
    return all("::" not in test.id and "ModuleNotFoundError" in test.message for test in run.tests)


_HINTS = {
    Outcome.USAGE: "name tests as the runner does, e.g. --test tests/test_x.py::test_y",
    Outcome.BUDGET: "raise --timeout, or name the failing tests with --test",
    Outcome.UNVERIFIED: "write a failing test first, or name one with --test",
    Outcome.ENVIRONMENT: "see the log; `ratchet init` writes the environment so that you can correct it",
}
