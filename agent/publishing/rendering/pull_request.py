"""The pull request that a verified change comes as: title and body."""

from collections.abc import Iterator

from agent.protocol.conversation import Plan, PlanStep, StepStatus
from agent.protocol.report import Report
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Proof, ProofKind
from agent.publishing.rendering import results
from agent.publishing.rendering.marker import PULL_REQUEST, Marker
from agent.publishing.rendering.page import listed, page
from agent.publishing.rendering.pen import Pen

_DONE = {StepStatus.DONE: "done", StepStatus.DOING: "begun", StepStatus.DROPPED: "dropped"}


def pull_request_title(wanted: str, pen: Pen | None = None) -> str:
    """Return the title: one line in which nothing is mentioned, referred to or closed."""
    return (pen or Pen()).title(wanted)


def pull_request_body(
    report: Report,
    kind: TaskKind,
    wanted: str = "",
    plan: Plan | None = None,
    closes: int | None = None,
    pen: Pen | None = None,
) -> str:
    """Return the body: what was wanted, what showed it, what was planned, and the verdict.

    `wanted` is an issue's or a user's text; `closes` the number of the issue that this change is for,
    from the event that asked for it: nothing in a text can close another one. There is no block of
    outside code in it, as GitLab looks for references within those, too.
    """
    return page(_sections(report, kind, wanted, plan, closes, pen or Pen()))


def _sections(
    report: Report, kind: TaskKind, wanted: str, plan: Plan | None, closes: int | None, pen: Pen
) -> Iterator[str]:
    yield str(Marker(place=PULL_REQUEST, task_id=report.task_id, kind=kind))
    yield f"Closes #{closes:d}" if closes is not None else ""
    yield f"**Wanted:** {pen.line(wanted, 1_000)}" if wanted else ""
    yield f"### {results.headline(report, kind).capitalize()}"
    yield pen.line(report.reason, 1_000) if report.reason else ""
    shown = [proof for proof in report.verdict.proofs if proof.kind is not ProofKind.NONE]
    if shown:
        proofs = listed(shown, lambda one: _proof(one, pen))
        yield f"**Fails without this change, passes with it**\n\n{proofs}"
    yield f"**Plan**\n\n{listed(plan.steps, lambda one: _step(one, pen))}" if plan and plan.steps else ""
    if results.is_measured(report.verdict):
        yield results.verdict_table(report.verdict)
    yield results.basis(report, pen)
    yield from results.tests(report.verdict, pen)
    yield from results.complaints(report.verdict, pen)
    yield results.cost(report, pen)
    yield "Read it as you would read anybody's change: tests show what they test."
    yield f"Task `{report.task_id}`"


def _proof(proof: Proof, pen: Pen) -> str:
    weak = "" if proof.kind is ProofKind.STRONG else " (weak: it did not get as far as an assertion)"
    return f"{results.named_test(proof.test, proof.message, pen)}{weak}"


def _step(step: PlanStep, pen: Pen) -> str:
    status = _DONE.get(step.status, "")
    return f"{pen.line(step.text)}{f' ({status})' if status else ''}"
