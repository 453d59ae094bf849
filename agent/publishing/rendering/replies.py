"""What a comment is answered when it is a question, asks for help, or is not followed."""

from collections.abc import Iterator, Sequence

from agent.protocol.forge import Misunderstood
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Approval
from agent.protocol.report import Report
from agent.protocol.task import TaskKind
from agent.publishing.rendering import results
from agent.publishing.rendering.marker import Marker
from agent.publishing.rendering.next_steps import next_step
from agent.publishing.rendering.page import LIMIT, folded, listed, page
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.questions import questions

# As many characters fit into a comment even when each of them is escaped (`&` takes five bytes).
_ANSWER = 12_000
_MARKER = 256
_HELP = """\
| Command | What it does |
| :-- | :-- |
| `/ratchet fix [test …]` | searches for a patch that makes failing tests pass, and proves it |
| `/ratchet do …` | makes the change that is described, over several lines if need be |
| `/ratchet review` | looks for faults; those that a test shows are proven |
| `/ratchet explain [question]` | answers a question about this pull request |
| `/ratchet verify` | measures what the change does to the tests |
| `/ratchet stop` | ends what is at work here |
| `/ratchet help` | says this |

A command stands at the beginning of a line. Quotations, code, lists and edited comments are not read."""


def marked(marker: Marker, reply: str) -> str:
    """Return a reply as the comment that is found again by its first line."""
    return f"{marker}\n\n{reply}"


def help_reply() -> str:
    """Return what can be asked for."""
    return _page("### Ratchet · help", _HELP)


def misunderstood_reply(found: Sequence[Misunderstood], pen: Pen | None = None) -> str:
    """Return what was not understood, why, and what can be asked for."""
    ink = pen or Pen()
    return _page("### Ratchet · not understood", listed(found, lambda one: _said(one, ink)), _HELP)


def stop_reply(reason: str, pen: Pen) -> str:
    """Return what was stopped."""
    return _page("### Ratchet · stop", pen.line(reason, 1_000) if reason else "")


def refusal_reply(reason: str, pen: Pen) -> str:
    """Return why nothing is done."""
    return _page("### Ratchet · not done", pen.line(reason, 1_000))


def question_reply(task_id: str, asked: Sequence[Approval], pen: Pen) -> str:
    """Return what has to be allowed before a question is answered."""
    return _page("### Ratchet · explain: waits for an answer", *questions(task_id, asked, pen))


def answer_reply(report: Report, pen: Pen) -> str:
    """Return the answer to a question, or why there is none."""
    done = report.outcome is Outcome.DONE
    heading = "explain" if done else results.headline(report, TaskKind.ASK)
    said = _answer(report, pen) if done else _no_answer(report, pen)
    return _page(f"### Ratchet · {heading}", *said, results.cost(report, pen), f"Task `{report.task_id}`")


def _answer(report: Report, pen: Pen) -> Iterator[str]:
    yield pen.prose(report.answer, _ANSWER)
    wrong = [one for one in report.citations if one.fault]
    lines = listed(wrong, lambda one: f"{pen.code(f'{one.path}:{one.line}')}: {pen.line(one.fault)}")
    yield folded(f"Named places that do not exist ({len(wrong)})", lines)


def _no_answer(report: Report, pen: Pen) -> Iterator[str]:
    yield pen.line(report.reason, 1_000) if report.reason else ""
    yield f"**Hint:** {pen.line(report.hint, 1_000)}" if report.hint else ""
    yield f"**Next:** {next_step(report, TaskKind.ASK)}" if not report.hint else ""


def _said(one: Misunderstood, pen: Pen) -> str:
    return f"{pen.code(one.line, 120)}: {one.reason}" if one.line else one.reason


def _page(*sections: str) -> str:
    return page(sections, LIMIT - _MARKER)
