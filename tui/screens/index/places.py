"""A list of places in the code."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.safe import line
from tui.screens.index.rows import Place, Row

_WIDTH = 300


class Places(OptionList):
    """Rows, of which those with a place can be chosen."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._rows: Sequence[Row] = ()

    @property
    def row(self) -> Row | None:
        """Return the marked row."""
        return None if self.highlighted is None else self._rows[self.highlighted]

    @property
    def place(self) -> Place | None:
        """Return the place of the marked row."""
        return self.row.place if self.row is not None else None

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows; the mark stays where it is if the rows only got more."""
        marked = self.highlighted if self._rows == rows[: len(self._rows)] else None
        scrolled = self.scroll_offset.y if marked is not None else 0
        self._rows = rows
        self.set_options(Option(_shown(one), disabled=one.place is None) for one in rows)
        first = next((place for place, one in enumerate(rows) if one.place is not None), None)
        self.highlighted = first if marked is None else marked
        self.scroll_to(y=scrolled, animate=False)


def _shown(row: Row) -> Content:
    text = line(row.text, _WIDTH)
    style = "bold" if row.place is None else ""
    note = Content.styled(f"  {line(row.note, _WIDTH)}" if row.note else "", "$text-muted")
    return Content.assemble(Content.styled(text, style), note)
