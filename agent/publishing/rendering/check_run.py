"""A check run: its conclusion, a summary, annotations on lines and buttons."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from pydantic import Field

from agent.protocol.check import Location
from agent.protocol.forge import RunEvidence
from agent.protocol.outcome import Outcome
from agent.protocol.report import Report
from agent.protocol.task import TaskKind
from agent.protocol.value import Value
from agent.publishing.rendering import results
from agent.publishing.rendering.next_steps import next_step
from agent.publishing.rendering.page import LIMIT, page
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.run_evidence import run_evidence
from agent.publishing.rendering.traces import Traces, whereabouts

PER_CALL = 50
MOST_ANNOTATIONS = 500
_TITLE, _MESSAGE = 255, 8_000


class Conclusion(StrEnum):
    """How a check run ended, in GitHub's words; a required check also lets `neutral` pass."""

    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    ACTION_REQUIRED = "action_required"


class Level(StrEnum):
    """How bad an annotation is."""

    NOTICE = "notice"
    WARNING = "warning"
    FAILURE = "failure"


class Annotation(Value):
    """Plain text at a line of a file."""

    path: str
    start_line: int = Field(ge=1)
    end_line: int = Field(ge=1)
    annotation_level: Level
    message: str = Field(min_length=1)
    title: str = Field(max_length=_TITLE)


class Action(Value):
    """A button; its identifier comes back when somebody presses it and is the verb of a command."""

    label: str = Field(max_length=20)
    description: str = Field(max_length=40)
    identifier: str = Field(max_length=20)


class CheckRun(Value):
    """A finished check run; the first group of annotations goes with it, each further one in an update."""

    name: str
    head_sha: str
    external_id: str
    conclusion: Conclusion
    title: str = Field(max_length=_TITLE)
    summary: str = Field(max_length=LIMIT)
    annotations: tuple[tuple[Annotation, ...], ...] = ()
    actions: tuple[Action, ...] = Field(default=(), max_length=3)


# Nothing lets a required check pass that was not measured.
CONCLUSIONS = {
    Outcome.VERIFIED: Conclusion.SUCCESS,
    Outcome.VERIFIED_WITH_PREEXISTING: Conclusion.SUCCESS,
    Outcome.DONE: Conclusion.SUCCESS,
    Outcome.ERROR: Conclusion.FAILURE,
    Outcome.USAGE: Conclusion.FAILURE,
    Outcome.UNVERIFIED: Conclusion.FAILURE,
    Outcome.BROKEN: Conclusion.FAILURE,
    Outcome.NOT_REPRODUCED: Conclusion.NEUTRAL,
    Outcome.NO_PATCH: Conclusion.FAILURE,
    Outcome.NO_PLANNER: Conclusion.FAILURE,
    Outcome.BUDGET: Conclusion.TIMED_OUT,
    Outcome.DENIED: Conclusion.ACTION_REQUIRED,
    Outcome.SANDBOX: Conclusion.FAILURE,
    Outcome.ENVIRONMENT: Conclusion.FAILURE,
    Outcome.INTERRUPTED: Conclusion.CANCELLED,
}
_FIX = Action(label="Fix it", description="Search for a fix that tests prove", identifier="fix")
_VERIFY = Action(label="Verify", description="Measure what the change does to tests", identifier="verify")
_EXPLAIN = Action(label="Explain", description="Say what happens and why", identifier="explain")
_SEVERITIES = {"error": Level.FAILURE, "note": Level.NOTICE}


def check_run(
    report: Report,
    kind: TaskKind,
    head: str,
    pen: Pen | None = None,
    traces: Traces | None = None,
    evidence: RunEvidence | None = None,
) -> CheckRun:
    """Return the check run of a finished task on the commit `head`."""
    pen = pen or Pen()
    every = [*_annotations(report, pen)]
    kept = every[:MOST_ANNOTATIONS]
    where = [*whereabouts(traces or Traces(), head, pen)]
    return CheckRun(
        name=f"ratchet / {kind.value}",
        head_sha=head,
        external_id=report.task_id,
        conclusion=_conclusion(report, kind),
        title=results.headline(report, kind, evidence),
        summary=page(_summary(report, kind, len(every) - len(kept), where, evidence, pen)),
        annotations=tuple(tuple(kept[at : at + PER_CALL]) for at in range(0, len(kept), PER_CALL)),
        actions=_actions(report.outcome),
    )


def _conclusion(report: Report, kind: TaskKind) -> Conclusion:
    """Return the outcome's; what a review proves is a change of behaviour, which may be what is wanted."""
    if (
        kind is TaskKind.REVIEW
        and report.outcome is Outcome.DONE
        and any(one.proven for one in report.findings)
    ):
        return Conclusion.NEUTRAL
    return CONCLUSIONS[report.outcome]


def _summary(
    report: Report,
    kind: TaskKind,
    left_out: int,
    where: Sequence[str],
    evidence: RunEvidence | None,
    pen: Pen,
) -> Iterator[str]:
    yield pen.line(report.reason, 1_000) if report.reason else ""
    yield from where
    if results.is_measured(report.verdict):
        yield results.verdict_table(report.verdict)
    yield results.basis(report, pen)
    yield f"**Next:** {next_step(report, kind, evidence)}"
    yield f"{left_out} more annotations are left out." if left_out else ""
    yield run_evidence(evidence, pen)
    yield from results.findings(report.findings, pen)
    yield from results.tests(report.verdict, pen)
    yield from results.complaints(report.verdict, pen)
    yield results.cost(report, pen)
    yield results.patch(report, pen)


def _annotations(report: Report, pen: Pen) -> Iterator[Annotation]:
    """Yield what has a line, the worst first; a path that cannot be shown to the letter has none."""
    verdict = report.verdict
    worse = {*verdict.broken, *verdict.vanished}
    for failure in sorted(verdict.failures, key=lambda one: one.test not in worse):
        level = Level.FAILURE if failure.test in worse else Level.WARNING
        yield from _annotation(failure.location, level, failure.test, failure.message, pen)
    for found in verdict.diagnostics:
        yield from _annotation(
            found.location, Level.WARNING, f"{found.tool} {found.code}", found.message, pen
        )
    for one in verdict.tampering:
        title = f"test {one.kind.value.replace('_', ' ')}"
        yield from _annotation(one.location, Level.WARNING, title, one.message or title, pen)
    for proven in (one for one in report.findings if one.proven):
        at = Location(path=proven.path, line=proven.line)
        level = _SEVERITIES.get(proven.severity, Level.WARNING)
        yield from _annotation(at, level, proven.title, proven.body or proven.title, pen)


def _annotation(
    at: Location | None, level: Level, title: str, message: str, pen: Pen
) -> Iterator[Annotation]:
    if at is None or at.line < 1 or not pen.keeps(at.path) or "\n" in at.path:
        return
    said = pen.plain(message, _MESSAGE) or "(empty)"
    head = pen.plain(" ".join(title.split()), _TITLE)
    yield Annotation(
        path=at.path, start_line=at.line, end_line=at.line, annotation_level=level, message=said, title=head
    )


def _actions(outcome: Outcome) -> Sequence[Action]:
    match outcome:
        case Outcome.VERIFIED | Outcome.DONE | Outcome.DENIED | Outcome.NO_PLANNER:
            return ()
        case Outcome.VERIFIED_WITH_PREEXISTING | Outcome.BROKEN:
            return (_FIX, _VERIFY, _EXPLAIN)
        case Outcome.NO_PATCH | Outcome.UNVERIFIED | Outcome.NOT_REPRODUCED:
            return (_VERIFY, _EXPLAIN)
        case _:
            return (_VERIFY,)
