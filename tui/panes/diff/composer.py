"""Puts the columns of a row beside each other, in the colours of the theme."""

from collections.abc import Sequence
from functools import cache

from rich.segment import Segment
from textual.content import Content
from textual.strip import Strip
from textual.style import Style

from tui.panes.diff.paint import Cell
from tui.panes.diff.palette import MUTED

_BAR = "▌"
_MIDDLE = "│"


class Composer:
    """Remembers what the names of colours mean: another theme needs another one."""

    def __init__(self) -> None:
        self._parsed = cache(Style.parse)

    def strip(self, cells: Sequence[Cell], style: Style, width: int, aside: int, *, marked: bool) -> Strip:
        """Return a row of one or two columns, whose code is scrolled sideways by `aside`."""
        begin = self._sign(_BAR, style, "bold $primary") if marked else self._sign(" ", style, "")
        if len(cells) == 1:
            return Strip.join([begin, self._cell(cells[0], width - 1, style, aside)])
        left = (width - 2) // 2
        first, second = self._cell(cells[0], left, style, aside), cells[1]
        middle = self._sign(_MIDDLE, style, MUTED)
        return Strip.join([begin, first, middle, self._cell(second, width - 2 - left, style, aside)])

    def _sign(self, sign: str, style: Style, more: str) -> Strip:
        return Strip([Segment(sign, (style + self._style(more)).rich_style)], 1)

    def _cell(self, cell: Cell, width: int, style: Style, aside: int) -> Strip:
        filled = style + self._style(cell.fill)
        fixed, code = self._painted(cell.fixed, filled), self._painted(cell.code, filled)
        return Strip.join([fixed, code.crop(aside)]).crop_extend(0, width, filled.rich_style)

    def _painted(self, text: Content, style: Style) -> Strip:
        pieces = text.render(style, "", parse_style=self._style)
        return Strip([Segment(piece, one.rich_style) for piece, one in pieces])

    def _style(self, style: str | Style) -> Style:
        return self._parsed(style) if isinstance(style, str) else style
