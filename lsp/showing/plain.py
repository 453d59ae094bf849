"""Outside text on its way to the user: one line, without what cannot be seen."""

from agent.untrusted.clean import clean


def one_line(text: str, width: int = 200) -> str:
    """Return a text on one line of at most `width` characters."""
    flat = " ".join(clean(text).text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
