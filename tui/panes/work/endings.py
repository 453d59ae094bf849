"""What a task came to, as entries of the transcript."""

from agent.protocol.conversation import Citation
from agent.protocol.event import ChangeReviewed, PatchDelivered, QuestionAnswered, TaskFinished
from agent.protocol.outcome import Outcome
from tui.panes.work.amounts import seconds, several
from tui.panes.work.turns import finding
from tui.widgets.entry import Entry, Form, Tone

_GOOD = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING, Outcome.DONE)
_BAD = (Outcome.ERROR, Outcome.USAGE, Outcome.BROKEN, Outcome.DENIED, Outcome.SANDBOX, Outcome.ENVIRONMENT)


def mark(outcome: Outcome) -> tuple[str, Tone]:
    """Return the sign of an outcome, and what it means for the reader."""
    if outcome in _GOOD:
        return "✓", Tone.GOOD
    return ("✗", Tone.BAD) if outcome in _BAD else ("!", Tone.ATTENTION)


def delivered(body: PatchDelivered) -> Entry:
    """Return where the patch is."""
    places = (
        f"on branch {body.branch} ({body.commit[:10]})" if body.branch else "",
        "in the working tree" if body.applied else "",
    )
    where = " and ".join(filter(None, places)) or f"commit {body.commit[:10]}"
    told = "\n".join(filter(None, (body.refused, body.hint)))
    return Entry(
        f"delivered: {where}",
        "!" if body.refused else "✓",
        Tone.ATTENTION if body.refused else Tone.GOOD,
        body=told or ("`ratchet undo` takes it out of the working tree again" if body.applied else ""),
    )


def answered(body: QuestionAnswered) -> Entry:
    """Return the answer to a question, with the places that it names."""
    cited = "\n".join(map(_cited, body.citations))
    text = f"{body.text}\n\n{cited}" if cited else body.text
    return Entry("answer", "●", Tone.VOICE, body=text, form=Form.MARKDOWN)


def reviewed(body: ChangeReviewed) -> Entry:
    """Return what a review found."""
    told = [finding(one) for one in body.findings]
    lines = "\n".join(f"- {one.sign} {one.title} ({one.note})" for one in told)
    proven = sum(one.proven for one in body.findings)
    return Entry(
        f"review: {several(len(body.findings), 'finding')}, {proven} proven",
        "●",
        Tone.VOICE,
        body="\n\n".join(filter(None, (body.summary, lines))),
        form=Form.MARKDOWN,
    )


def finished(body: TaskFinished) -> Entry:
    """Return how the task ended, and what to do now."""
    sign, tone = mark(body.outcome)
    hint = body.hint and f"→ {body.hint}"
    log = body.log and f"log: {body.log}"
    told = "\n".join(filter(None, (body.reason, hint, log)))
    word = body.outcome.replace("_", " ")
    return Entry(word, sign, tone, note=seconds(body.seconds) if body.seconds else "", body=told)


def _cited(one: Citation) -> str:
    place = f"{one.path}:{one.line}" + (f"-{one.end}" if one.end > one.line else "")
    return f"- ✗ {place}: {one.fault}" if one.fault else f"- ✓ {place}"
