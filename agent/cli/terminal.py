"""What reaches the user's terminal: outside text made harmless, and one way to print."""

from rich.console import Console

from agent.untrusted.spell import spell as sanitize
from agent.untrusted.spell import spell_line as one_line

__all__ = ["console", "one_line", "sanitize"]


def console(*, stderr: bool = False) -> Console:
    """Return a console that never interprets what it prints; NO_COLOR and pipes give plain text."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=True)
