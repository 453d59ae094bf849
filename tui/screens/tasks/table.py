"""The list of tasks, kept as it is while its lines change."""

from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from tui.safe import line
from tui.screens.tasks.row import Cell, Tone

Rows = dict[str, tuple[Cell, ...]]
"""By task id, in the order of the list."""
_COLUMNS = (("", 1), ("state", 16), ("kind", 6), ("about", 0), ("cost", 6), ("prio", 4), ("age", 4))
_SCROLLBAR = 2
_LEAST = 12


class TaskTable(DataTable[Text]):
    """One line a task; the cursor stays on its task wherever that goes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Open"),
        Binding("home", "scroll_top", "First", show=False),
        Binding("end", "scroll_bottom", "Last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tasks--{tone}" for tone in Tone}
    DEFAULT_CSS = """
    TaskTable { height: 1fr; scrollbar-size-vertical: 1; overflow-x: hidden;
        & > .tasks--plain { color: $foreground; }
        & > .tasks--good { color: $text-success; }
        & > .tasks--bad { color: $text-error; text-style: bold; }
        & > .tasks--warning { color: $text-warning; text-style: bold; }
        & > .tasks--busy { color: $text-primary; text-style: bold; }
        & > .tasks--muted { color: $text-muted; }
        &:nocolor > .datatable--cursor { text-style: reverse; }
    }
    """

    def __init__(self) -> None:
        super().__init__(id="tasks", cursor_type="row", cell_padding=1)
        self._shown: Rows = {}

    @property
    def at_cursor(self) -> str | None:
        """Return the id of the task at the cursor; None in an empty list."""
        return list(self._shown)[self.cursor_row] if self.is_valid_row_index(self.cursor_row) else None

    def show(self, rows: Rows) -> None:
        """Show these lines."""
        if self.columns and list(rows) == list(self._shown):
            self._update(rows)
        else:
            self._rebuild(rows)

    def on_mount(self) -> None:
        """Take the colours of another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._rebuild(self._shown))

    def on_resize(self, resized: events.Resize) -> None:
        """Give what the tasks are about the width that is left."""
        del resized
        self._rebuild(self._shown)

    def _update(self, rows: Rows) -> None:
        for index, (task_id, cells) in enumerate(rows.items()):
            for column, (cell, before) in enumerate(zip(cells, self._shown[task_id], strict=True)):
                if cell != before:
                    self.update_cell_at((index, column), self._text(cell))  # type: ignore[arg-type]
        self._shown = rows

    def _rebuild(self, rows: Rows) -> None:
        kept, place = self.at_cursor, self.scroll_offset
        self.clear(columns=True)
        for label, width in _COLUMNS:
            self.add_column(Text(label), width=width or self._rest, key=label)
        for task_id, cells in rows.items():
            self.add_row(*map(self._text, cells), key=task_id)
        self._shown = rows
        if kept in rows:
            self.move_cursor(row=list(rows).index(kept), scroll=False)
            self.scroll_to(y=place.y, animate=False)

    @property
    def _rest(self) -> int:
        fixed = sum(width for _, width in _COLUMNS) + 2 * self.cell_padding * len(_COLUMNS) + _SCROLLBAR
        return max(_LEAST, self.size.width - fixed)

    def _text(self, cell: Cell) -> Text:
        return Text(line(cell.text, 400), style=self._style(cell.tone), no_wrap=True, overflow="ellipsis")

    def _style(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"tasks--{tone}", partial=True)
