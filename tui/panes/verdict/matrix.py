"""The matrix: one line a row, as many as a large suite has."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from tui.panes.listing import Listing
from tui.panes.verdict.paint import row_content
from tui.panes.verdict.row import Row


class Matrix(Listing):
    """Keeps pointing at the same row when rows come and go."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Read")]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._rows: Sequence[Row] = ()

    @property
    def pointed(self) -> Row | None:
        """Return the row under the cursor, None when there is none."""
        return self._rows[self.cursor] if self._rows else None

    def show(self, rows: Sequence[Row]) -> None:
        """Show other rows."""
        pointed = self.pointed
        places = [
            place for place, row in enumerate(rows) if pointed and row.name and row.name == pointed.name
        ]
        self._rows = rows
        self.fill(len(rows), cursor=places[0] if places else 0)

    def line_at(self, index: int, width: int) -> tuple[Content, Content]:
        """Paint a row."""
        return row_content(self._rows[index], width), Content("")
