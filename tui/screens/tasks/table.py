"""The lines of the list of tasks; the cursor stays on its task wherever that goes."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from tui.panes.listing import Listing
from tui.safe import content, line
from tui.screens.tasks.row import Cell, Tone

Rows = dict[str, tuple[Cell, ...]]
"""By task id, in the order of the list."""
_COLUMNS = ((" ", 1), ("state", 16), ("kind", 6), ("about", 0), ("cost", 6), ("prio", 4), ("age", 4))
_BETWEEN = "  "
_LEAST = 12
_LONGEST = 400
_STYLES = {
    Tone.PLAIN: "",
    Tone.GOOD: "$text-success",
    Tone.BAD: "$text-error bold",
    Tone.WARNING: "$text-warning bold",
    Tone.BUSY: "$text-primary bold",
    Tone.MUTED: "$text-muted",
}


def header(width: int) -> Content:
    """Return the names of the columns for lines of a width."""
    return _joined(tuple(Cell(name, Tone.MUTED) for name, _ in _COLUMNS), width)


class TaskTable(Listing):
    """One line a task; only those that are seen are made."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Open")]

    def __init__(self) -> None:
        super().__init__(id="tasks")
        self._ids: list[str] = []
        self.rows: Rows = {}

    @property
    def at_cursor(self) -> str | None:
        """Return the id of the task at the cursor; None in an empty list."""
        return self._ids[self.cursor] if self.cursor < len(self._ids) else None

    def show(self, rows: Rows) -> None:
        """Show these lines; a list that nobody was in yet stays at its top."""
        kept, self.rows = self.at_cursor, rows
        if self._ids == list(rows):
            self.refresh()
            return
        self._ids = list(rows)
        is_looked_at = self.has_focus or self.cursor > 0
        place = self._ids.index(kept) if is_looked_at and kept in rows else min(self.cursor, len(rows))
        self.fill(len(rows), cursor=place)

    def line_at(self, index: int, width: int) -> tuple[Content, Content]:
        """Paint a task."""
        return _joined(self.rows[self._ids[index]], width), Content("")


def _joined(cells: tuple[Cell, ...], width: int) -> Content:
    fixed = sum(width for _, width in _COLUMNS) + len(_BETWEEN) * (len(_COLUMNS) - 1)
    rest = max(_LEAST, width - fixed)
    parts = [
        content(line(cell.text, _LONGEST), _STYLES[cell.tone]).truncate(size or rest, ellipsis=True, pad=True)
        for cell, (_, size) in zip(cells, _COLUMNS, strict=True)
    ]
    return Content(_BETWEEN).join(parts)
