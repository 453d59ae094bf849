"""The lines of the list of tasks; the cursor stays on its task wherever that goes."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from tui.panes.listing import Listing
from tui.safe import content, line
from tui.screens.tasks.row import Cell, Tone

CellsOf = Callable[[str], tuple[Cell, ...]]
"""Returns the line of a task that is listed, by its id."""
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

    def __init__(self, cells: CellsOf) -> None:
        super().__init__(id="tasks")
        self.cells = cells
        self.ids: list[str] = []

    @property
    def at_cursor(self) -> str | None:
        """Return the id of the task at the cursor; None in an empty list."""
        return self.ids[self.cursor] if self.cursor < len(self.ids) else None

    def show(self, ids: Sequence[str]) -> None:
        """Show these tasks as they are now; a list that nobody was in yet stays at its top."""
        if self.ids == ids:
            self.refresh()
            return
        kept = self.at_cursor if self.has_focus or self.cursor > 0 else None
        self.ids = list(ids)
        place = self.ids.index(kept) if kept in self.ids else min(self.cursor, len(ids))
        self.fill(len(ids), cursor=place)

    def line_at(self, index: int, width: int) -> tuple[Content, Content]:
        """Paint a task."""
        return _joined(self.cells(self.ids[index]), width), Content("")


def _joined(cells: tuple[Cell, ...], width: int) -> Content:
    fixed = sum(width for _, width in _COLUMNS) + len(_BETWEEN) * (len(_COLUMNS) - 1)
    rest = max(_LEAST, width - fixed)
    parts = [
        content(line(cell.text, _LONGEST), _STYLES[cell.tone]).truncate(size or rest, ellipsis=True, pad=True)
        for cell, (_, size) in zip(cells, _COLUMNS, strict=True)
    ]
    return Content(_BETWEEN).join(parts)
