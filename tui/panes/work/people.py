"""What people asked and answered, as entries of the transcript."""

from agent.protocol.control import Steered
from agent.protocol.policy import Answer, Approval, Decision
from tui.widgets.entry import Entry, Form, Tone


def steered(body: Steered) -> Entry:
    """Return what somebody told the model."""
    return Entry(body.by, "▶", Tone.VOICE, body=body.text)


def asked(approval: Approval) -> Entry:
    """Return what the task asks a person."""
    wanted = "\n".join(f"{one.subject}: {one.value}" for one in approval.actions)
    body = "\n\n".join(filter(None, (wanted, approval.detail)))
    return Entry(f"asks: {approval.reason}", "?", Tone.ATTENTION, body=body, form=Form.LINES)


def settled(answer: Answer) -> Entry:
    """Return how that was answered."""
    denied = answer.decision is Decision.DENY
    word, sign, tone = ("denied", "✗", Tone.BAD) if denied else ("allowed", "✓", Tone.GOOD)
    return Entry(f"{word} by {answer.by}", sign, tone, body=answer.reason)


def did(what: str, by: str) -> Entry:
    """Return what somebody did to the task."""
    return Entry(f"{what} by {by}", "▶", Tone.VOICE)
