"""The boundary of text to the terminal: harmless on its way in, and looked at again on its way out."""

import re
from collections.abc import Iterable

from rich.cells import cell_len
from rich.segment import Segment, Segments
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter
from textual.style import Style

from agent.untrusted.spell import spell, spell_line

_COLOURS = re.compile(r"\x1b\[[0-9;:]{0,64}m")
_ACTED_ON = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


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

    A link would be written as a sequence of its own with an address that others chose, so none is; and
    what is written to the terminal beside lines is for the driver alone.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without controls and without links, as wide as they were."""
        return [one if _is_harmless(one) else _harmless(one) for one in segments]


def crash(segments: Iterable[Segment]) -> Segments:
    """Return the last words of a failed app, line by line, without what a terminal would act on in them."""
    lines = Segment.split_lines(one for one in segments if one.control is None)
    kept = [[one if _is_harmless(one) else _harmless(one) for one in line] for line in lines]
    return Segments(part for line in kept for part in (*line, Segment.line()))


def _is_harmless(segment: Segment) -> bool:
    text, style, control = segment
    if control is not None or (style is not None and style.link is not None):
        return False
    return (text.isascii() and text.isprintable()) or _ACTED_ON.search(text) is None


def _harmless(segment: Segment) -> Segment:
    text, style, control = segment
    if control is not None:
        return Segment("", style)
    if style is not None and style.link is not None:
        style = style.update_link(None)
    return Segment(_ACTED_ON.sub(_blank, text), style)


def _blank(found: "re.Match[str]") -> str:
    # A line that came out shorter than it was laid out would leave a rest of what was there before.
    return " " * cell_len(found.group())
