"""A transcript of any length: only the rows that are seen are ever laid out."""

from collections.abc import Sequence
from time import monotonic
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from tui.safe import shown
from tui.widgets.block import Block
from tui.widgets.painter import Painter
from tui.widgets.rows import Rows

_AHEAD_EVERY, _AHEAD_FOR = 0.05, 0.008
"""Seconds: how often, and for how long, bodies are measured that nobody sees yet."""
_MOST_SELECTED = 20_000
"""Rows that can be selected at once."""


class Roll(ScrollView, can_focus=True):
    """Shows blocks below each other, and stays at the end for as long as it was there.

    Bodies that are wrapped are measured when they come near the view; until then their height is a guess.
    """

    DEFAULT_CSS = """
    Roll {
        height: 1fr;
        overflow-x: auto;
        overflow-y: scroll;
        scrollbar-size: 1 1;
        background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "step(1)", "Next part"),
        Binding("b", "step(-1)", "Previous part", show=False),
        Binding("enter,space", "fold", "Fold"),
        Binding("u", "fold_all", "Unfold all", show=False),
        Binding("y", "copy", "Copy part", show=False),
        Binding("end", "follow", "Go to the end", show=False, system=True),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = Rows()
        self.current: Block | None = None
        """The block that keys act on."""
        self._painter = Painter(self)
        self._follows = True
        self._placing = False
        self._width = 0
        self._measuring: Timer | None = None

    def on_mount(self) -> None:
        """Measure what is not seen yet while nobody waits."""
        self._measuring = self.set_interval(_AHEAD_EVERY, self._ahead)

    def put(self, first: int, blocks: Sequence[Block], *, gone: int = 0) -> None:
        """Show these blocks from the given place on, instead of those that were there.

        `gone` is how many rows there are fewer above what is seen.
        """
        self.rows.put(first, blocks)
        self._place(None if self._follows else max(0, self.scroll_offset.y - gone))

    def changed(self, first: int = 0) -> None:
        """Take in that blocks from the given one on were changed."""
        self.rows.changed(first)
        self._place(None if self._follows else self.scroll_offset.y)

    def on_resize(self, event: events.Resize) -> None:
        """Lay everything out anew at another width, with the same block on top."""
        width = self.scrollable_content_region.width
        if width == self._width:
            self._place(None if self._follows else self.scroll_offset.y)
            return
        top = self.rows.at(self.scroll_offset.y)
        self._width = width
        self._painter.begin(width)
        for block in self.rows.blocks:
            block.measured = None
        self.rows.changed()
        self._place(None if self._follows or not self.rows.blocks else self.rows.top(top))

    def scroll_to(self, x: float | None = None, y: float | None = None, **how: Any) -> None:
        """Go to a place at once: what glides there is seen later."""
        super().scroll_to(x, y, **{**how, "animate": False})

    def notify_style_update(self) -> None:
        """Paint anew in the colours of another theme."""
        super().notify_style_update()
        self._painter.begin(self._width)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Measure what came into view; at the end, stay there."""
        super().watch_scroll_y(old_value, new_value)
        if not self._placing:
            row, up = round(new_value), round(old_value) - round(new_value)
            self._follows = row >= self.max_scroll_y
            near = 0 < up <= 2 * self.scrollable_content_region.height
            self._place(None if self._follows else row, back=up if near else 0)

    def _place(self, row: int | None, back: int = 0) -> None:
        """Show the rows from the given one on, or the last ones.

        `back` is by how many rows this goes up: what was on top stays as many rows below, however many more
        rows there turn out to be in between.
        """
        if self._placing or self._width <= 0:
            return
        self._placing = True
        row = self._settled(row, back)
        size = Size(max(self.rows.widest + self._painter.indent, self._width), self.rows.total)
        self._extend(size)
        last = max(0, self.rows.total - self.scrollable_content_region.height)
        top = last if row is None else min(row, last)
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)
        self._placing = False
        self.refresh()
        if self._measuring is not None:
            self._measuring.resume()

    def _extend(self, size: Size) -> None:
        """Have another size; where only the length is another one, nothing around has to be laid out."""
        if size.width != self.virtual_size.width:
            self.virtual_size = size
        elif size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
            self.vertical_scrollbar.window_size = self.scrollable_content_region.height

    def _settled(self, row: int | None, back: int) -> int | None:
        """Measure what is seen from a row on; returns the row at which the same is seen then."""
        height = self.scrollable_content_region.height
        while True:
            top = max(0, self.rows.total - height) if row is None else row
            guessed = self.rows.guessed(self.rows.seen(top, height))
            if not guessed:
                return row
            row = self._measure(guessed[-1], row, back)

    def _measure(self, number: int, row: int | None, back: int = 0) -> int | None:
        """Lay out a body; returns the row at which is seen what a row was before."""
        above = row is not None and self.rows.top(number) < row + back
        grown = self.rows.measured(number, len(self._painter.body(self.rows.blocks[number])))
        return row + grown if above and row is not None else row

    def _ahead(self) -> None:
        """Measure what may come into the view next."""
        if self._placing or self._width <= 0 or not self.rows.blocks:
            return
        row, end = None if self._follows else self.scroll_offset.y, monotonic() + _AHEAD_FOR
        height = self.scrollable_content_region.height
        guessed = self.rows.guessed(self.rows.seen(self.scroll_offset.y - 3 * height, 7 * height))
        if not guessed and self._measuring is not None:
            self._measuring.pause()
        while guessed and monotonic() < end:
            row = self._measure(guessed.pop(), row)
            if not guessed or monotonic() >= end:
                self._place(row)

    def render_line(self, y: int) -> Strip:
        """Return a row of the view."""
        row, left = self.scroll_offset.y + y, self.scroll_offset.x
        width = self.size.width
        if row >= self.rows.total:
            return Strip.blank(width, self._painter.style)
        number = self.rows.at(row)
        block = self.rows.blocks[number]
        marked = block is self.current and self.has_focus
        strip = self._painter.row(block, row - self.rows.top(number), marked=marked, left=left)
        strip = strip.crop_extend(left, left + width, self._painter.style)
        return self._painter.selected(strip, self.text_selection, row, left).apply_offsets(left, row)

    @property
    def allow_select(self) -> bool:
        """Let text be selected with the mouse."""
        return True

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text of what is selected, as it is seen."""
        first = selection.start.y if selection.start else 0
        last = min(selection.end.y if selection.end else self.rows.total, first + _MOST_SELECTED)
        text = "\n".join(self._row_text(row) for row in range(first, min(last + 1, self.rows.total)))
        start = selection.start and Offset(selection.start.x, 0)
        end = selection.end and Offset(selection.end.x, last - first)
        return Selection(start, end).extract(text), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Paint what is selected now."""
        self.refresh()

    def _row_text(self, row: int) -> str:
        number = self.rows.at(row)
        inner = row - self.rows.top(number)
        return self._painter.row(self.rows.blocks[number], inner, marked=False).text.rstrip()

    def on_focus(self) -> None:
        """Have something that keys act on."""
        if self.current is None and self.rows.blocks:
            self._choose(len(self.rows.blocks) - 1)

    def on_click(self, event: events.Click) -> None:
        """Fold or unfold the block whose head is clicked."""
        row = self.scroll_offset.y + event.get_content_offset_capture(self).y
        if row < self.rows.total:
            number = self.rows.at(row)
            self._choose(number)
            if row == self.rows.top(number):
                self.action_fold()

    def action_follow(self) -> None:
        """Go to the end, and stay there while more comes."""
        self._follows = True
        self._place(None)

    def action_step(self, by: int) -> None:
        """Go to the next or previous block, from one that is seen."""
        blocks, top, height = self.rows.blocks, self.scroll_offset.y, self.size.height
        if not blocks:
            return
        seen = self.rows.seen(top, height - 1)
        number = blocks.index(self.current) + by if self.current in blocks else seen.start
        if self.current not in [blocks[one] for one in seen]:
            number = seen.start if by > 0 else seen.stop - 1
        self._choose(max(0, min(number, len(blocks) - 1)))

    def action_fold(self) -> None:
        """Fold or unfold the current block."""
        if self.current in self.rows.blocks and self.current.foldable:
            self.current.folded = not self.current.folded
            self._refold()

    def action_fold_all(self) -> None:
        """Unfold everything; when all is, fold it."""
        foldable = [one for one in self.rows.blocks if one.foldable]
        unfold = any(one.folded for one in foldable)
        for one in foldable:
            one.folded = not unfold
        self._refold()

    def action_copy(self) -> None:
        """Copy the current block to the clipboard."""
        if self.current is not None:
            self.app.copy_to_clipboard(shown(self.current.text()))
            self.notify("copied", markup=False)

    def _refold(self) -> None:
        """Lay out what was folded or unfolded, and keep the current block in the view."""
        self._follows = False
        self.changed()
        if self.current in self.rows.blocks:
            self._choose(self.rows.blocks.index(self.current))

    def _choose(self, number: int) -> None:
        """Make a block the current one, and bring its head into the view."""
        self.current = self.rows.blocks[number]
        row, top, height = self.rows.top(number), self.scroll_offset.y, self.size.height
        if not top <= row < top + height:
            self.scroll_to(y=max(0, row - height // 3), animate=False)
        self.refresh()
