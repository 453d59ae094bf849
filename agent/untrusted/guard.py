"""What every text of a repository, an issue or a sandbox goes through before a model or a log gets it."""

from collections.abc import Collection
from dataclasses import dataclass

from agent.untrusted.clean import clean
from agent.untrusted.redact import redact


@dataclass(frozen=True, slots=True)
class Guarded:
    """A text that may be shown, and the kinds of what was taken out of it; those of secrets say so."""

    text: str
    flags: tuple[str, ...] = ()


def guard(text: str, known: Collection[str] = (), path: str = "", *, rendered: bool = False) -> Guarded:
    """Strip what cannot be seen, then cut out secrets (which it could have split); lines stay lines."""
    cleaned = clean(text, rendered=rendered)
    redacted = redact(cleaned.text, known, path)
    return Guarded(redacted.text, (*cleaned.flags, *(f"secret:{kind}" for kind in redacted.kinds)))
