"""Many lines of which one is pointed at; only those that are seen are made."""

from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.content import Content
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

_POINTS = "▸"
_ASIDE = 8


class Listing(ScrollView, can_focus=True):
    """Holds `count` lines, from 0, that `line_at` paints; the keys and the mouse move the cursor."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"listing--cursor"}
    DEFAULT_CSS = """
    Listing { background: $surface; color: $foreground; overflow-x: hidden; }
    Listing > .listing--cursor { background: $block-cursor-blurred-background; }
    Listing:focus > .listing--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False, id="cursor_up"),
        Binding("down", "move(1)", "Down", show=False, id="cursor_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="page_down"),
        Binding("home", "edge(-1)", "First line", show=False, id="cursor_first"),
        Binding("end", "edge(1)", "Last line", show=False, id="cursor_last"),
        Binding("left", "aside(-1)", "Scroll left", show=False, id="scroll_left"),
        Binding("right", "aside(1)", "Scroll right", show=False, id="scroll_right"),
    ]

    cursor = reactive(0)

    class Moved(Message):
        """The cursor points at another line."""

        def __init__(self, listing: "Listing", index: int) -> None:
            super().__init__()
            self.listing = listing
            self.index = index

        @property
        def control(self) -> "Listing":
            """Return the listing, which handlers select it by."""
            return self.listing

    class Chosen(Moved):
        """The line that the cursor points at was clicked, or Enter was pressed on it."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._count = 0
        self._painted: LRUCache[tuple[int, int, int], Strip] = LRUCache(512)

    @property
    def count(self) -> int:
        """Return how many lines there are."""
        return self._count

    def line_at(self, index: int, width: int) -> tuple[Content, Content]:
        """Return what stays where it is when the line is scrolled sideways, and what does not."""
        return Content(""), Content("")

    def fill(self, count: int, *, cursor: int = 0, width: int = 0) -> None:
        """Hold as many lines; `width` is that of the widest, where it may have to be scrolled to."""
        self._count = count
        self.virtual_size = Size(width + 1, count)
        before, self.cursor = self.cursor, self._within(cursor)
        if before == self.cursor:
            self._see(self.cursor)
        self.repaint()

    def repaint(self) -> None:
        """Paint lines that have changed."""
        self._painted.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Paint in the colours of another theme."""
        self._painted.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        """Paint one line of the visible part."""
        width, index = self.scrollable_content_region.width, y + self.scroll_offset.y
        if index >= self._count:
            return Strip.blank(width, self.rich_style)
        if index == self.cursor:
            return self._paint(index, width)
        key = (index, width, self.scroll_offset.x)
        known = self._painted.get(key)
        if known is None:
            known = self._painted[key] = self._paint(index, width)
        return known

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a line."""
        return self._within(cursor)

    def watch_cursor(self, old: int, new: int) -> None:
        """Show the line that the cursor points at now."""
        self.refresh_lines(old)
        self.refresh_lines(new)
        self._see(new)
        if self._count:
            self.post_message(self.Moved(self, new))

    def on_click(self, event: Click) -> None:
        """Point at a line, and choose the one that is pointed at."""
        index = event.get_content_offset_capture(self).y + self.scroll_offset.y
        if index >= self._count:
            return
        if index == self.cursor:
            self.action_choose()
        self.cursor = index

    def action_choose(self) -> None:
        """Choose the line that the cursor points at."""
        if self._count:
            self.post_message(self.Chosen(self, self.cursor))

    def action_move(self, lines: int) -> None:
        """Move the cursor by lines."""
        self.cursor += lines

    def action_page(self, pages: int) -> None:
        """Move the cursor by as many lines as are seen."""
        self.cursor += pages * max(1, self.scrollable_content_region.height - 1)

    def action_edge(self, side: int) -> None:
        """Move the cursor to the first or the last line."""
        self.cursor = 0 if side < 0 else self._count - 1

    def action_aside(self, side: int) -> None:
        """Scroll what is wider than there is room for."""
        self.scroll_to(x=self.scroll_offset.x + _ASIDE * side, animate=False, force=True)

    def _paint(self, index: int, width: int) -> Strip:
        style = self._style_at(index)
        mark = Content(_POINTS if index == self.cursor else " ")
        fixed, moving = self.line_at(index, width - 1)
        parts = (mark, fixed, moving)
        if index == self.cursor and self.has_focus:
            # Colours of a theme are not made to be read on that of its cursor; signs and words say the same.
            parts = (mark, fixed.without_spans, moving.without_spans)
        strips = [self._strip(part, style) for part in parts]
        left = self.scroll_offset.x
        room = max(0, width - 1 - fixed.cell_length)
        return Strip.join([*strips[:2], strips[2].crop_extend(left, left + room, style.rich_style)]).crop(
            0, width
        )

    def _within(self, index: int) -> int:
        return max(0, min(index, self._count - 1))

    def _see(self, index: int) -> None:
        self.scroll_to_region(Region(self.scroll_offset.x, index, 1, 1), animate=False, force=True)

    def _style_at(self, index: int) -> Style:
        return self.get_visual_style("listing--cursor") if index == self.cursor else self.visual_style

    def _strip(self, part: Content, style: Style) -> Strip:
        parsed = part.render(style, end="", parse_style=self.app.stylesheet.parse_style)
        return Strip([Segment(text, (style + one).rich_style) for text, one in parsed], part.cell_length)
