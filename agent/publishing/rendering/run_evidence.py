"""The failed step of a workflow run: what was run here, what its log says, and what was not reproduced."""

from collections.abc import Iterator

from agent.protocol.forge import RunEvidence
from agent.protocol.outcome import Outcome
from agent.protocol.report import Report
from agent.publishing.rendering.page import folded, listed
from agent.publishing.rendering.pen import Pen

_LOG = 8_000


def run_evidence(found: RunEvidence | None, pen: Pen) -> str:
    """Return what a failed run showed, folded; empty for a task that is about none."""
    return folded("The failed step of the workflow run", *_sections(found, pen)) if found else ""


def is_unlike(report: Report, found: RunEvidence | None) -> bool:
    """Say whether a task is about a workflow run that fails there and not, or not so, here."""
    return found is not None and report.outcome is Outcome.NOT_REPRODUCED


def step_line(found: RunEvidence, pen: Pen) -> str:
    """Return which step failed, in one line."""
    where = f"job {pen.code(found.job)} of {pen.code(found.workflow)}"
    return f"step {pen.code(found.step)}, {where}"


def _sections(found: RunEvidence, pen: Pen) -> Iterator[str]:
    yield f"The failed one: {step_line(found, pen)}."
    if found.command:
        yield f"Run in the sandbox:\n\n{pen.block(found.command, 'sh', 4_000)}"
    else:
        yield "None of it can be run in the sandbox."
    yield f"Its log says: {pen.code(found.message, 400)}" if found.message else ""
    if found.failing:
        yield f"Tests that its log names:\n\n{listed(found.failing, pen.code)}"
    yield f"End of its log:\n\n{pen.tail(found.excerpt, _LOG)}" if found.excerpt else ""
    if found.skipped:
        yield f"Not reproduced here:\n\n{listed(found.skipped, pen.line)}"
