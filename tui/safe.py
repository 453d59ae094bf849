"""The boundary of text to the terminal: harmless on its way in, and looked at again on its way out."""

import re

from rich.segment import Segment
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.style import Style

from agent.untrusted.spell import spell, spell_line

_COLOURS = re.compile(r"\x1b\[[0-9;:]{0,64}m")
_ACTED_ON = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """Return outside text without its colours, and with whatever else a terminal would act on spelled out."""
    return spell(_COLOURS.sub("", text) if "\x1b" in text else text)


def line(text: str, width: int = 200) -> str:
    """Return outside text on one harmless line of at most `width` characters."""
    return spell_line(_COLOURS.sub("", text) if "\x1b" in text else text, width)


def content(text: str, style: str | Style = "") -> Content:
    """Return outside text as content of a widget, in which nothing is markup."""
    return Content.styled(shown(text), style)


class Boundary(LineFilter):
    """Takes out of every painted line what a widget let through: the last look, for every widget there is.

    A link would be written as a sequence of its own with an address that others chose, so none is.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without controls and without links."""
        return [one if _is_harmless(one) else _harmless(one) for one in segments]


def _is_harmless(segment: Segment) -> bool:
    text, style, control = segment
    if control is not None or (style is not None and style.link is not None):
        return control is not None
    return (text.isascii() and text.isprintable()) or _ACTED_ON.search(text) is None


def _harmless(segment: Segment) -> Segment:
    style = segment.style
    if style is not None and style.link is not None:
        style = style.update_link(None)
    return Segment(_ACTED_ON.sub("", segment.text), style)
