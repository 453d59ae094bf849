"""The pull request that a verified change comes as: title and body."""

from collections.abc import Iterator, Mapping

from agent.protocol.conversation import Plan, PlanStep, StepStatus
from agent.protocol.forge import RunEvidence
from agent.protocol.report import Report
from agent.protocol.task import TaskKind
from agent.protocol.value import Value
from agent.protocol.verdict import Proof, ProofKind
from agent.publishing.rendering import results
from agent.publishing.rendering.marker import PULL_REQUEST, Marker
from agent.publishing.rendering.page import listed, page
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.run_evidence import step_line

_DONE = {StepStatus.DONE: "done", StepStatus.DOING: "begun", StepStatus.DROPPED: "dropped"}


def pull_request_title(wanted: str, pen: Pen | None = None) -> str:
    """Return the title: one line in which nothing is mentioned, referred to or closed."""
    return (pen or Pen()).title(wanted)


class Background(Value):
    """What led to a change; all but the number is outside text."""

    wanted: str = ""
    """An issue's or a user's text."""
    failing: Mapping[str, str] = {}
    """What failed on the base and passes now, and what it said."""
    evidence: RunEvidence | None = None
    """Of a failed workflow run."""
    plan: Plan | None = None
    rationale: str = ""
    """What whoever made the change says of it."""
    closes: int | None = None
    """Number of the issue that the change is for, from the event that asked for it."""


def pull_request_body(
    report: Report, kind: TaskKind, background: Background | None = None, pen: Pen | None = None
) -> str:
    """Return the body: what was wanted, what showed it, what was planned, and the verdict.

    Nothing in a text can close another issue. There is no block of outside code in it, as GitLab looks
    for references within those, too.
    """
    return page(_sections(report, kind, background or Background(), pen or Pen()))


def _sections(report: Report, kind: TaskKind, background: Background, pen: Pen) -> Iterator[str]:
    yield str(Marker(place=PULL_REQUEST, task_id=report.task_id, kind=kind))
    yield f"Closes #{background.closes:d}" if background.closes is not None else ""
    yield f"**Wanted:** {pen.line(background.wanted, 1_000)}" if background.wanted else ""
    yield f"### {results.headline(report, kind).capitalize()}"
    yield pen.line(report.reason, 1_000) if report.reason else ""
    yield from _reproduction(report, background, pen)
    plan = background.plan
    yield f"**Plan**\n\n{listed(plan.steps, lambda one: _step(one, pen))}" if plan and plan.steps else ""
    yield (
        f"**In the words of its maker:** {pen.line(background.rationale, 1_000)}"
        if background.rationale
        else ""
    )
    if results.is_measured(report.verdict):
        yield results.verdict_table(report.verdict)
    yield results.basis(report, pen)
    yield from results.tests(report.verdict, pen)
    yield from results.complaints(report.verdict, pen)
    yield results.cost(report, pen)
    yield "Read it as you would read anybody's change: tests show what they test."
    yield f"Task `{report.task_id}`"


def _reproduction(report: Report, background: Background, pen: Pen) -> Iterator[str]:
    found = background.evidence
    if found is not None:
        said = f": {pen.code(found.message)}" if found.message else ""
        yield f"**The workflow run that failed:** {step_line(found, pen)}{said}"
        yield f"Not reproduced here:\n\n{listed(found.skipped, pen.line)}" if found.skipped else ""
    shown = [_proof(one, pen) for one in report.verdict.proofs if one.kind is not ProofKind.NONE]
    shown = shown or [results.named_test(*one, pen) for one in background.failing.items()]
    if shown:
        yield f"**Fails without this change, passes with it**\n\n{listed(shown, str)}"


def _proof(proof: Proof, pen: Pen) -> str:
    weak = "" if proof.kind is ProofKind.STRONG else " (weak: it did not get as far as an assertion)"
    return f"{results.named_test(proof.test, proof.message, pen)}{weak}"


def _step(step: PlanStep, pen: Pen) -> str:
    status = _DONE.get(step.status, "")
    return f"{pen.line(step.text)}{f' ({status})' if status else ''}"
