"""A line of a file as it is shown."""

from agent.untrusted.spell import spell

LONGEST = 2000
TAB = 4


def spelled(text: str) -> str:
    """Return a line without its end, with its tabs as blanks, and cut where it is very long.

    Whatever a terminal would act on is spelled out, colours too: in a diff they are what changed.
    """
    text = text.removesuffix("\r")
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return spell(cut).expandtabs(TAB)
