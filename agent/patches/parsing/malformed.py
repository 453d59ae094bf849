"""The one way to say that a text of edits cannot be read."""

from agent.protocol.errors import PatchRefused


def malformed(message: str, hint: str) -> PatchRefused:
    """Return the error of a text that is not in its format."""
    return PatchRefused(f"the edits cannot be read: {message}", hint=hint)
