"""What a report says, in the sections that comments, check runs and pull requests are made of."""

from collections.abc import Iterator

from agent.patches.parsing.git_diff import parse_git_diff
from agent.protocol.check import Location
from agent.protocol.conversation import Finding
from agent.protocol.errors import PatchRefused
from agent.protocol.forge import RunEvidence
from agent.protocol.outcome import Outcome
from agent.protocol.report import Report
from agent.protocol.task import TaskKind
from agent.protocol.verdict import TestClass, Verdict
from agent.publishing.rendering.page import counted, folded, listed, table
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.run_evidence import is_unlike

_OUTCOMES = {
    Outcome.VERIFIED: "verified",
    Outcome.VERIFIED_WITH_PREEXISTING: "verified; what failed before still fails",
    Outcome.DONE: "done",
    Outcome.ERROR: "stopped by a fault of its own",
    Outcome.USAGE: "not started",
    Outcome.UNVERIFIED: "not verified",
    Outcome.BROKEN: "breaks tests",
    Outcome.NOT_REPRODUCED: "nothing fails",
    Outcome.NO_PATCH: "no patch found",
    Outcome.NO_PLANNER: "needs a model",
    Outcome.BUDGET: "a limit was reached",
    Outcome.DENIED: "not permitted",
    Outcome.SANDBOX: "no sandbox",
    Outcome.ENVIRONMENT: "the environment cannot be built or run",
    Outcome.INTERRUPTED: "stopped",
}
_LISTED = (
    TestClass.FIXED,
    TestClass.BROKEN,
    TestClass.VANISHED,
    TestClass.STILL_FAILING,
    TestClass.FLAKY,
    TestClass.NEW,
    TestClass.SKIPPED_NOW,
    TestClass.NOT_RUN,
)
_FOLDED_FROM = 5


def headline(report: Report, kind: TaskKind, evidence: RunEvidence | None = None) -> str:
    """Return what was done and how it ended, without anything from outside; `evidence` is a failed run's."""
    if is_unlike(report, evidence):
        return f"{kind.value}: environment or flake"
    if kind is TaskKind.REVIEW and report.outcome is Outcome.DONE:
        proven = sum(one.proven for one in report.findings)
        return f"review: {counted(proven, 'proven finding')}, {len(report.findings) - proven} unproven"
    # Whoever asked on a forge said `explain`.
    word = "explain" if kind is TaskKind.ASK else kind.value
    return f"{word}: {_OUTCOMES[report.outcome]}"


def verdict_table(verdict: Verdict) -> str:
    """Return how many tests are in each class; the empty ones are left out but for what must be empty."""
    shown = {name: len(getattr(verdict, name)) for name in _LISTED}
    always = (TestClass.FIXED, TestClass.BROKEN, TestClass.VANISHED)
    rows = [(_named(name), str(n)) for name, n in shown.items() if n or name in always]
    extra = {
        "new complaints of tools": len(verdict.diagnostics),
        "tests of the base that fail as they were": len(verdict.weakened),
        "places where tests are loosened": len(verdict.tampering),
        "files that decide how tests run": len(verdict.test_control),
    }
    passed = (_named(TestClass.PASSED), str(verdict.passed))
    return table(("Tests", "Number"), [*rows, passed, *((k, str(n)) for k, n in extra.items() if n)])


def is_measured(verdict: Verdict) -> bool:
    """Say whether a check ran at all."""
    return bool(verdict.passed or verdict.diagnostics or any(getattr(verdict, name) for name in _LISTED))


def basis(report: Report, pen: Pen) -> str:
    """Return what the verdict holds for and what it was measured in."""
    box = report.sandbox
    said = [f"scope {report.verdict.scope.value}"] if is_measured(report.verdict) else []
    said += [f"tree {pen.code(report.verdict.tree[:12])}"] if report.verdict.tree and said else []
    said += [f"sandbox {pen.line(box.kind)}, network {pen.line(box.network)}"] if box else []
    if box and box.missing_limits:
        said.append(f"not enforced: {', '.join(map(pen.line, box.missing_limits[:10]))}")
    return " · ".join(said)


def tests(verdict: Verdict, pen: Pen) -> Iterator[str]:
    """Yield a section for each class that has tests, those that fail with what they said."""
    said = {failure.test: failure.message for failure in verdict.failures}
    for name in _LISTED:
        found: tuple[str, ...] = getattr(verdict, name)
        body = listed(found, lambda test: named_test(test, said.get(test, ""), pen))
        if len(found) > _FOLDED_FROM:
            yield folded(f"{_named(name).capitalize()} ({len(found)})", body)
        elif found:
            yield f"**{_named(name).capitalize()}**\n\n{body}"


def complaints(verdict: Verdict, pen: Pen) -> Iterator[str]:
    """Yield what else stands against a change, or must be known about it."""
    new = listed(verdict.diagnostics, lambda one: f"{_at(one.location, pen)} {pen.line(one.message)}")
    yield folded(f"New complaints of tools ({len(verdict.diagnostics)})", new)
    loose = listed(
        verdict.tampering, lambda one: f"{_at(one.location, pen)} {_named(one.kind)}: {pen.line(one.message)}"
    )
    yield folded(f"Loosened tests and settings ({len(verdict.tampering)}): look at these yourself", loose)
    yield folded(
        f"Tests of the base that fail as they were ({len(verdict.weakened)})",
        listed(verdict.weakened, pen.code),
    )
    yield folded("To know about this measurement", listed(verdict.notes, pen.line))


def patch(report: Report, pen: Pen) -> str:
    """Return the patch, folded."""
    if not report.patch:
        return ""
    size = f"{counted(len(report.files), 'file')}{_changed(report.patch)}"
    return folded(f"Patch ({size})", pen.block(report.patch, "diff"))


def findings(found: tuple[Finding, ...], pen: Pen) -> Iterator[str]:
    """Yield what a review found, the proven open and the unproven folded."""
    proven, unproven = ([one for one in found if one.proven is is_proven] for is_proven in (True, False))
    if proven:
        yield f"**Proven findings**\n\n{listed(proven, lambda one: finding_line(one, pen), 30)}"
    lines = listed(unproven, lambda one: finding_line(one, pen), 30)
    yield folded(f"Unproven findings ({len(unproven)}): no test shows them", lines)


def finding_line(finding: Finding, pen: Pen) -> str:
    """Return a finding in one line."""
    return (
        f"{_place(finding.path, finding.line, pen)} {pen.line(finding.severity)}: {pen.line(finding.title)}"
    )


def cost(report: Report, pen: Pen) -> str:
    """Return what the task spent, folded."""
    rows = [("time", f"{report.seconds:.1f} s"), ("cost", f"USD {report.cost_usd:.4f}")]
    rows += [("candidates", f"{report.candidates}")] if report.candidates else []
    if report.model_calls:
        rows.append(("model calls", str(report.model_calls)))
        rows.append(("tokens in, out", f"{report.tokens.input}, {report.tokens.output}"))
    models = listed(
        [*report.by_model.items()], lambda one: f"{pen.code(one[0])}: {counted(one[1].model_calls, 'call')}"
    )
    spent = f"Cost: USD {report.cost_usd:.4f}, {report.seconds:.0f} s"
    return folded(spent, table(("Spent", "Amount"), rows), models)


def named_test(name: str, message: str, pen: Pen) -> str:
    """Return a test and what it said."""
    return f"{pen.code(name)}: {pen.code(message)}" if message else pen.code(name)


def _at(location: Location, pen: Pen) -> str:
    return _place(location.path, location.line, pen)


def _place(path: str, line: int, pen: Pen) -> str:
    return pen.code(f"{path}:{line}" if line else path)


def _named(name: str) -> str:
    return str(name).replace("_", " ")


def _changed(diff: str) -> str:
    try:
        lines = [line for file in parse_git_diff(diff) for hunk in file.hunks for line in hunk.lines]
    except PatchRefused:
        return ""
    return f", +{sum(line.sign == '+' for line in lines)} -{sum(line.sign == '-' for line in lines)}"
