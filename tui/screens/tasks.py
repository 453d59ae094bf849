"""The list of tasks, and the prompt below it."""

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Static

from agent.protocol.summary import TaskSummary
from tui.desk import Desk
from tui.messages import OpenTask
from tui.safe import content


class TasksScreen(Screen[None]):
    """Every task there is, newest first, live."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield Static("Ratchet", id="title", markup=False)
        yield DataTable[object](id="tasks", cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        """Listen to the tasks."""
        table = self.query_one("#tasks", DataTable)
        table.add_columns("task", "state", "kind")
        self._desk.told.tasks.subscribe(self, self._listed)

    def on_data_table_row_selected(self, selected: DataTable.RowSelected) -> None:
        """Open the task of the row."""
        if selected.row_key.value is not None:
            self.post_message(OpenTask(selected.row_key.value))

    def _listed(self, summary: TaskSummary) -> None:
        table = self.query_one("#tasks", DataTable)
        if summary.task_id in table.rows:
            table.remove_row(summary.task_id)
        row = (summary.task_id, summary.status, summary.kind)
        table.add_row(*(content(str(one)) for one in row), key=summary.task_id)
