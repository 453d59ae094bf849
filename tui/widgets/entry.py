"""One thing that happened, as a transcript tells it."""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """What an entry means for the reader; a sign says it too, for terminals without colours."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    BAD = "bad"
    ATTENTION = "attention"
    VOICE = "voice"
    """Somebody speaks: a person or a model."""


class Form(StrEnum):
    """How the body of an entry is laid out."""

    TEXT = "text"
    """Wrapped at words."""
    MARKDOWN = "markdown"
    LINES = "lines"
    """As they are: what is too long is reached by scrolling sideways."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A head of one line, and a body that can be folded away; all of it outside text, unclean as it came."""

    title: str
    sign: str = "·"
    tone: Tone = Tone.PLAIN
    note: str = ""
    """Figures behind the title: seconds, costs."""
    body: str = ""
    form: Form = Form.TEXT
    folded: bool = False
