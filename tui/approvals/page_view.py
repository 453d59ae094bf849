"""Shows the page of a question whole: lines are wrapped, never cut, and only those in sight are made."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import ClassVar

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.approvals.page import Row, Tone

_BAR = "│ "
_NARROWEST = 8


class PageView(ScrollView, can_focus=True):
    """Takes the keys of a scrolled text: arrows, page up and down, home and end."""

    # The app's keys do not reach into a modal.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"page--{tone}" for tone in Tone} | {"page--bar"}
    DEFAULT_CSS = """
    PageView {
        background: $surface; color: $foreground;
        /* One that comes and goes would take the ends of lines. */
        overflow-y: scroll; overflow-x: hidden;
        &> .page--strong { text-style: bold; }
        &> .page--faint, &> .page--bar { color: $text-muted; }
        &> .page--added { color: $text-success; background: $success-muted 40%; }
        &> .page--removed { color: $text-error; background: $error-muted 40%; }
        &> .page--place { color: $text-accent; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()
        self._lines: list[Row] = []
        self._width = 0

    @property
    def seen(self) -> tuple[int, int]:
        """Return up to which line of how many one can see."""
        return min(round(self.scroll_offset.y) + self.size.height, len(self._lines)), len(self._lines)

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows, from their beginning."""
        self._rows, self._width = rows, 0
        self._wrap()
        self.scroll_home(animate=False, immediate=True)

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._wrap()

    def render_line(self, y: int) -> Strip:
        """Return one line in sight."""
        number, width = round(self.scroll_offset.y) + y, self.size.width
        if number >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        row = self._lines[number]
        style = self.rich_style + self.get_component_rich_style(f"page--{row.tone}")
        bar = self.rich_style + self.get_component_rich_style("page--bar")
        parts = [Segment(_BAR, bar)] if row.tone.is_quoted else []
        return Strip([*parts, Segment(row.text, style)]).adjust_cell_length(width, style)

    def _wrap(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0 or width == self._width:
            return
        self._width = width
        self._lines = [line for row in self._rows for line in wrapped(row, width)]
        self.virtual_size = Size(width, len(self._lines))
        self.refresh()


def wrapped(row: Row, width: int) -> Iterator[Row]:
    """Yield a row in pieces of at most `width` cells; others' words are cut anywhere, and nothing is lost."""
    room = max(_NARROWEST, width - (cell_len(_BAR) if row.tone.is_quoted else 0))
    if row.tone.is_quoted and len(row.text) <= room and row.text.isascii():
        yield row
        return
    words = [row.text] if row.tone.is_quoted else textwrap.wrap(row.text, room)
    for text in words or [""]:
        pieces = [text] if cell_len(text) <= room else chop_cells(text, room)
        yield from (Row(piece, row.tone) for piece in pieces or [""])
