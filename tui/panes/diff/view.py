"""The diff itself: only the rows that are seen are painted, however long it is."""

from bisect import bisect_right
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.events import Click, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from agent.patches.hunks import Part
from tui.panes.diff.choice import Choice
from tui.panes.diff.composer import Composer
from tui.panes.diff.paint import Painter
from tui.panes.diff.palette import FEW, MANY
from tui.panes.diff.rows import Kind, Row, rows_of, tops
from tui.panes.diff.spelling import LONGEST, TAB

SPLIT_WIDTH = 100
"""Columns below which two texts beside each other cannot be read."""
_REMEMBERED = 2000
_ASIDE = 8


class DiffView(ScrollView, can_focus=True):
    """Shows a choice; one of its parts is the current one, which is always in sight."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    DiffView {
        background: $surface; color: $foreground;
        overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Up", show=False, id="cursor_up"),
        Binding("down", "scroll_down", "Down", show=False, id="cursor_down"),
        Binding("pageup", "page_up", "Page up", show=False, id="page_up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="page_down"),
        Binding("home", "scroll_home", "First line", show=False, id="cursor_first"),
        Binding("end", "scroll_end", "Last line", show=False, id="cursor_last"),
        Binding("left", "aside(-1)", "Scroll left", show=False, id="scroll_left"),
        Binding("right", "aside(1)", "Scroll right", show=False, id="scroll_right"),
    ]

    class Moved(Message):
        """Another part is the current one."""

    def __init__(self, *, split: bool) -> None:
        super().__init__()
        self._wants_split = split
        self._choice = Choice()
        self._painter = Painter(self._choice)
        self._rows: list[Row] = []
        self._tops: dict[Part, int] = {}
        self._widest = 0
        self._current = 0
        self._aside = 0
        self._strips: LRUCache[tuple[int, bool], Strip] = LRUCache(_REMEMBERED)
        self._composer = Composer()

    @property
    def current(self) -> Part | None:
        """Return the part that keys are about."""
        parts = list(self._tops)
        return parts[self._current] if parts else None

    @property
    def split(self) -> bool:
        """Say whether both texts are beside each other, for which there must be room."""
        return self._wants_split and self.size.width >= SPLIT_WIDTH

    @property
    def wants_split(self) -> bool:
        """Say whether they would be if there were room."""
        return self._wants_split

    def show(self, choice: Choice) -> None:
        """Show a choice; of the same patch nothing moves."""
        same, self._choice = choice.files is self._choice.files, choice
        if not same:
            self._painter, self._current, self._aside = self._new_painter(), 0, 0
            lines = (line.text for file in choice.files for hunk in file.hunks for line in hunk.lines)
            self._widest = min(LONGEST, max((cell_len(text.expandtabs(TAB)) for text in lines), default=0))
            self._lay_out()
            self.scroll_to(0, 0, animate=False)
        self._repaint()

    def lay_out(self, *, split: bool) -> None:
        """Lay the texts out beside each other, or below."""
        self._wants_split = split
        self._lay_out()
        self.go(self._current)

    def step(self, by: int) -> None:
        """Go to another part."""
        self.go(self._current + by)

    def go(self, number: int) -> None:
        """Go to a part by its number, and show where it begins."""
        self._current = max(0, min(number, len(self._tops) - 1))
        if self.current is not None:
            top = self._tops[self.current]
            # The name of the file is above its first part.
            self.scroll_to(y=max(0, top - 1), animate=False)
            self._repaint()
            self.post_message(self.Moved())

    def on_mount(self) -> None:
        """Paint anew in other colours when there are others."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._recolour())

    def on_resize(self, event: Resize) -> None:
        """Lay out anew: there may be room for two texts now, or no more."""
        before = self._rows
        self._lay_out()
        if len(before) != len(self._rows):
            self.go(self._current)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Keep the current part in sight."""
        super().watch_scroll_y(old_value, new_value)
        if not self._tops:
            return
        first, last = round(new_value), round(new_value) + self.size.height - 1
        begins = list(self._tops.values())
        ends = [*(top - 1 for top in begins[1:]), len(self._rows) - 1]
        if begins[self._current] > last or ends[self._current] < first:
            seen = bisect_right(begins, last if begins[self._current] > last else first + 1) - 1
            self._current = max(0, seen)
            self._repaint()
            self.post_message(self.Moved())

    def on_click(self, event: Click) -> None:
        """Make the part that was clicked the current one."""
        row = event.get_content_offset(self)
        number = round(self.scroll_y) + row.y if row is not None else len(self._rows)
        if number < len(self._rows) and (part := self._rows[number].part) in self._tops:
            self._current = list(self._tops).index(part)
            self._repaint()
            self.post_message(self.Moved())

    def action_aside(self, by: int) -> None:
        """Scroll the texts sideways, without their numbers and signs."""
        room = max(0, self._widest - self.size.width // (2 if self.split else 1) // 2)
        self._aside = max(0, min(self._aside + by * _ASIDE, room))
        self._repaint()

    def render_line(self, y: int) -> Strip:
        """Return one line of what is seen."""
        number, style = round(self.scroll_y) + y, self.visual_style
        if number >= len(self._rows):
            return Strip.blank(self.size.width, style.rich_style)
        marked = self._rows[number].part == self.current and self._rows[number].kind is not Kind.GAP
        strip = self._strips.get((number, marked))
        if strip is None:
            cells = self._painter.cells(self._rows[number], self._choice, split=self.split)
            strip = self._composer.strip(cells, style, self.size.width, self._aside, marked=marked)
            self._strips[number, marked] = strip
        return strip

    def _lay_out(self) -> None:
        self._rows = rows_of(self._choice.files, split=self.split)
        self._tops = tops(self._choice.files, self._rows)
        self.virtual_size = Size(self.size.width, len(self._rows))
        self._repaint()

    def _new_painter(self) -> Painter:
        return Painter(self._choice, FEW if self.app.native_ansi_color else MANY)

    def _recolour(self) -> None:
        self._composer, self._painter = Composer(), self._new_painter()
        self._repaint()

    def _repaint(self) -> None:
        self._strips.clear()
        self.refresh()
