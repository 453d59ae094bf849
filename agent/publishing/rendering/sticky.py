"""The one comment of a pull request that says where its task stands."""

from collections.abc import Iterator, Sequence

from agent.protocol.forge import RunEvidence
from agent.protocol.policy import Approval
from agent.protocol.report import Report
from agent.protocol.task import TaskKind
from agent.publishing.rendering import results
from agent.publishing.rendering.marker import Marker
from agent.publishing.rendering.next_steps import next_step
from agent.publishing.rendering.page import folded, page
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.questions import questions
from agent.publishing.rendering.run_evidence import is_unlike, run_evidence
from agent.publishing.rendering.traces import Traces, whereabouts


def sticky(
    report: Report,
    kind: TaskKind,
    head: str = "",
    pen: Pen | None = None,
    traces: Traces | None = None,
    evidence: RunEvidence | None = None,
) -> str:
    """Return the comment of a finished task, Markdown of at most 65,535 bytes.

    `head` is the commit of the pull request that was looked at, in hexadecimal.
    """
    marker = Marker(task_id=report.task_id, kind=kind, head=head)
    return outcome(marker, report, pen or Pen(), traces or Traces(), evidence)


def outcome(
    marker: Marker, report: Report, pen: Pen, traces: Traces, evidence: RunEvidence | None = None
) -> str:
    """Return how a task ended, below whatever marker the comment is found again by."""
    return page(_sections(report, marker, pen, traces, evidence))


def underway(task_id: str, kind: TaskKind, head: str = "") -> str:
    """Return the comment of a task that has not ended."""
    marker = Marker(task_id=task_id, kind=kind, head=head)
    said = f"Task `{task_id}` is at work. `/ratchet stop` ends it."
    return page([str(marker), f"### Ratchet · {kind.value}: under way", said])


def waiting(
    task_id: str, kind: TaskKind, head: str, asked: Sequence[Approval], pen: Pen | None = None
) -> str:
    """Return the comment of a task that goes on when somebody has answered."""
    marker = Marker(task_id=task_id, kind=kind, head=head)
    heading = f"### Ratchet · {kind.value}: waits for an answer"
    return page([str(marker), heading, *questions(task_id, asked, pen or Pen())])


def _sections(
    report: Report, marker: Marker, pen: Pen, traces: Traces, evidence: RunEvidence | None
) -> Iterator[str]:
    yield str(marker)
    yield f"### Ratchet · {results.headline(report, marker.kind, evidence)}"
    yield pen.line(report.reason, 1_000) if report.reason else ""
    yield from whereabouts(traces, marker.head, pen)
    if results.is_measured(report.verdict):
        yield results.verdict_table(report.verdict)
    yield results.basis(report, pen)
    yield f"**Next:** {next_step(report, marker.kind, evidence)}"
    if report.hint and not is_unlike(report, evidence):
        yield f"**Hint:** {pen.line(report.hint, 1_000)}"
    yield pen.prose(report.answer) if report.answer else ""
    yield run_evidence(evidence, pen)
    yield from results.findings(report.findings, pen)
    yield from results.tests(report.verdict, pen)
    yield from results.complaints(report.verdict, pen)
    yield results.cost(report, pen)
    yield results.patch(report, pen)
    if report.log and (evidence is None or report.log != evidence.excerpt):
        yield folded("End of the log", pen.tail(report.log, 8_000))
    yield f"Task `{marker.task_id}`"
