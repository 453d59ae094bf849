"""Tool: what the harness measures of the working tree against the base, as data."""

from collections.abc import Iterator, Sequence

from pydantic import Field

from agent.protocol.value import Value
from agent.protocol.verdict import Scope, Verdict
from agent.tools.report import Report, refusal
from agent.tools.tool import Bench, Desk, Outcome
from agent.verify.measure import measure
from agent.verify.trees import compose

_NAMES = 40
_FAILURES = 12
_MESSAGE = 600


class VerifyArguments(Value):
    """What to measure."""

    scope: Scope = Field(
        default=Scope.TARGET,
        description="target: the task's tests, or `tests`; impacted: what the change may reach; full: all",
    )
    tests: tuple[str, ...] = Field(
        default=(), max_length=100, description="test ids, files or folders instead of the task's own"
    )


class VerifyTool:
    """Runs the tests before and after; the final verdict is the harness's own, taken later."""

    name = "verify"
    description = (
        "Run tests on the base and on the working tree, in sandboxes, and compare: fixed, broken, still "
        "failing, with the failures. Only this counts as a result."
    )
    arguments = VerifyArguments
    parallel = False

    def run(self, desk: Desk, arguments: VerifyArguments) -> Outcome:
        """Return the verdict."""
        bench, scope = desk.bench, arguments.scope
        if bench is None:
            return refusal(desk, "Nothing can be run in this task.")
        target = arguments.tests or desk.target
        if desk.tree == desk.base and not target:
            return refusal(desk, "Nothing is changed so far, so there is nothing to compare. Use `run`.")
        if scope is Scope.TARGET and not target:
            scope = Scope.IMPACTED
        return _told(desk, _measured(desk, bench, scope, target if scope is Scope.TARGET else ()))


def _measured(desk: Desk, bench: Bench, scope: Scope, target: tuple[str, ...]) -> Verdict:
    return measure(
        bench.workbench,
        compose(desk.store, desk.base, desk.tree),
        bench.checks,
        scope=scope,
        baseline=bench.baseline,
        target=target,
        test_seconds=bench.limits.test_seconds,
        deadline=bench.deadline,
        on_progress=desk.on_progress,
        cancel=desk.cancel,
    )


def _told(desk: Desk, verdict: Verdict) -> Outcome:
    counts = ", ".join(f"{name} {len(names)}" for name, names in _groups(verdict) if names)
    report = Report(desk).say(
        f"scope {verdict.scope}: {counts or 'nothing changed'}; passed {verdict.passed}"
    )
    lines = [f"{name}: {_listed(names)}" for name, names in _groups(verdict) if names]
    lines += _failures(verdict)
    lines += [
        f"new complaint: {one.location.path}:{one.location.line}: {one.message}"
        for one in verdict.diagnostics
    ]
    lines += [
        f"tests loosened: {one.location.path}:{one.location.line}: {one.kind}" for one in verdict.tampering
    ]
    lines += [f"decides how tests run, is set apart: {path}" for path in verdict.test_control]
    lines += verdict.notes
    if lines:
        report.show("\n".join(lines), "verdict")
    return report.outcome()


def _groups(verdict: Verdict) -> Iterator[tuple[str, Sequence[str]]]:
    for name in (
        "fixed",
        "broken",
        "still_failing",
        "new",
        "vanished",
        "flaky",
        "skipped_now",
        "not_run",
        "weakened",
    ):
        yield name.replace("_", " "), getattr(verdict, name)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more


def _failures(verdict: Verdict) -> Iterator[str]:
    for one in verdict.failures[:_FAILURES]:
        place = f" at {one.location.path}:{one.location.line}" if one.location else ""
        yield f"{one.test}{place}: {one.message[:_MESSAGE]}"
