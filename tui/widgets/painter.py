"""Lays out the head and the body of a block in the colours and at the width of a widget."""

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.content import Content
from textual.selection import Selection
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from tui.safe import content, line, shown
from tui.widgets.block import Block
from tui.widgets.entry import Form, Tone
from tui.widgets.prose import Typesetter, pieces

TONES = {
    Tone.PLAIN: "$foreground",
    Tone.MUTED: "dim",
    Tone.GOOD: "bold $text-success",
    Tone.BAD: "bold $text-error",
    Tone.ATTENTION: "bold $text-warning",
    Tone.VOICE: "bold $text-primary",
}
_INDENT = "    "
_REMEMBERED = 1_000
"""Heads, bodies and parts of bodies whose layout is kept."""


class Painter:
    """What it laid out is kept until the width or the theme is another one."""

    indent = len(_INDENT)

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._width = 0
        self._kept: LRUCache[tuple[object, ...], list[Strip]] = LRUCache(_REMEMBERED)
        self._typesetter: Typesetter | None = None
        self._base: Style | None = None

    def begin(self, width: int) -> None:
        """Lay out at a width from now on, in the colours that the widget has now."""
        self._width = width
        self._typesetter = self._base = None
        self._kept.clear()

    def row(self, block: Block, number: int, *, marked: bool, left: int = 0) -> Strip:
        """Return a row of a block: the head, then the body where it is unfolded, then an empty row.

        Heads stay where they are when the view is scrolled sideways by `left`.
        """
        if number == 0:
            head = self._head(block, marked)
            return Strip([Segment(" " * left), *head], left + head.cell_length) if left else head
        if number > block.body_rows:
            return Strip([])
        if block.lines is not None:
            return self._line(block.lines[number - 1])
        body = self.body(block)
        return body[number - 1] if number <= len(body) else Strip([])

    def body(self, block: Block) -> list[Strip]:
        """Return the rows of a body that is wrapped."""
        if block.entry.form is not Form.MARKDOWN:
            return self._laid_out("text", block.entry.body)
        key = ("body", block.entry.body)
        kept = self._kept.get(key)
        if kept is None:
            parts = [self._laid_out("prose", one) for one in pieces(block.entry.body)]
            kept = self._kept[key] = [row for part in parts for row in (*part, Strip([]))][:-1]
        return kept

    def selected(self, strip: Strip, selection: Selection | None, row: int, left: int) -> Strip:
        """Return a row of the view with what is selected of it marked."""
        span = selection.get_span(row) if selection is not None else None
        if span is None:
            return strip
        start, end = (max(0, one - left) if one >= 0 else strip.cell_length for one in span)
        # Its own colour may be one that is seen through, which has none of the text's behind it here.
        back = Style(bgcolor=self._widget.screen.get_component_rich_style("screen--selection").bgcolor)
        marked = Strip(list(Segment.apply_style(strip.crop(start, end), post_style=back)))
        return Strip.join([strip.crop(0, start), marked, strip.crop(end)])

    def _head(self, block: Block, marked: bool) -> Strip:
        key = ("head", block.entry, block.folded, block.foldable, marked)
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = [self._head_strip(block, marked)]
        return kept[0]

    def _head_strip(self, block: Block, marked: bool) -> Strip:
        entry = block.entry
        fold = ("▸ " if block.folded else "▾ ") if block.foldable else "  "
        told = Content.assemble(
            (fold, "dim"),
            content(f"{line(entry.sign, 2)} {line(entry.title, 500)}", TONES[entry.tone]),
        )
        if entry.note:
            told += content(f"  {line(entry.note, 200)}", "dim")
        told = told.truncate(self._width, ellipsis=True)
        return self._strips(told.stylize("reverse") if marked else told)[0]

    def _laid_out(self, kind: str, text: str) -> list[Strip]:
        key = (kind, text)
        kept = self._kept.get(key)
        if kept is None:
            made = self._strips(content(text), self.indent) if kind == "text" else self._prose(text)
            kept = self._kept[key] = [self._indented(one) for one in made]
        return kept

    def _strips(self, told: Content, indent: int = 0) -> list[Strip]:
        width = max(1, self._width - indent)
        visual = self._widget.visual_style
        return Visual.to_strips(self._widget, told, width, None, visual, apply_selection=False)

    def _prose(self, text: str) -> list[Strip]:
        if self._typesetter is None:
            app = self._widget.app
            colours = app.theme_variables
            self._typesetter = Typesetter(
                max(1, self._width - self.indent), colours, dark=app.current_theme.dark
            )
        return [one.apply_style(self.style) for one in self._typesetter.lines(text)]

    def _line(self, text: str) -> Strip:
        return Strip([Segment(_INDENT + shown(text).expandtabs(8), self.style)])

    def _indented(self, strip: Strip) -> Strip:
        return Strip([Segment(_INDENT, self.style), *strip], strip.cell_length + self.indent)

    @property
    def style(self) -> Style:
        """Return what everything is painted on."""
        if self._base is None:
            # Put together from the styles of all that is around the widget, which takes longer than a row.
            self._base = self._widget.rich_style
        return self._base
