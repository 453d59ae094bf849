"""The screen with the list of tasks, and the prompt below it."""

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, Static

from agent.client.client import Client
from agent.protocol.summary import Status, TaskSummary
from tui.background import begin_in
from tui.desk import Desk
from tui.messages import OpenTask
from tui.orders.obey import obey
from tui.panes.listing import Listing
from tui.prompt.prompt import Prompt
from tui.safe import content, line
from tui.screens.tasks.changes import STEP, Change, carry_out, moved, possible
from tui.screens.tasks.confirm import Confirm
from tui.screens.tasks.listing import TaskList
from tui.screens.tasks.table import TaskTable

_CHANGES = ("cancel", "retry", "pause", "prioritize")


class TasksScreen(Screen[None]):
    """What is marked, else what is at the cursor, is acted on."""

    CSS_PATH = "tasks.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New"),
        Binding("f", "order('/fix')", "Fix what fails", show=False),
        Binding("v", "order('/verify')", "Verify the working tree", show=False),
        Binding("c", "cancel", "Cancel"),
        Binding("r", "retry", "Retry"),
        Binding("p", "pause", "Pause or resume", show=False),
        Binding(
            "plus,equals_sign", f"prioritize(-{STEP})", "Sooner in the queue", key_display="+", show=False
        ),
        Binding("minus", f"prioritize({STEP})", "Later in the queue", key_display="-", show=False),
        Binding("escape", "list", "Go to the list", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._possible: list[bool | None] = []
        self._title = ""

    def compose(self) -> ComposeResult:
        """Lay out the list and the prompt."""
        yield Static(id="title", markup=False)
        yield TaskList(self._desk)
        yield Prompt(self._desk)
        yield Footer()

    def on_mount(self) -> None:
        """Begin where one can say something, if anything can be done with it."""
        if self._desk.client is not None and self._desk.repository is not None:
            self.action_new()
        else:
            self._list.focus_tasks()

    @on(Listing.Chosen)
    def open_task(self) -> None:
        """Open the task at the cursor."""
        current = self.query_one(TaskTable).at_cursor
        if current is not None:
            self.post_message(OpenTask(current))

    def on_prompt_said(self, said: Prompt.Said) -> None:
        """Do what the user said, about the task at the cursor where it is about one."""
        chosen = self._list.chosen
        obey(self, self._desk, said.text, task_id=chosen[0].task_id if len(chosen) == 1 else "")

    @on(TaskList.Changed)
    def look_again(self) -> None:
        """Say what is listed, and what can be done with what is chosen."""
        where = str(self._desk.repository or f"no repository in {self._desk.folder}")
        title = line(f"Ratchet · {where} · {self._list.words}", 400)
        if title != self._title:
            self._title = title
            self.query_one("#title", Static).update(content(title), layout=False)
        able = [self.check_action(action, ()) for action in _CHANGES]
        if able != self._possible:
            self._possible = able
            self.refresh_bindings()

    def action_new(self) -> None:
        """Say what is to be done."""
        self.query_one(Prompt).focus()

    def action_list(self) -> None:
        """Go to the list."""
        self._list.focus_tasks()

    def action_order(self, text: str) -> None:
        """Do what could as well be said."""
        obey(self, self._desk, text)

    def action_cancel(self) -> None:
        """Stop tasks for good, once the user agreed."""
        client, tasks = self._client, possible("cancel", self._list.chosen)
        about = [line(f"{task.task_id}  {self._list.about(task.task_id)}", 64) for task in tasks]
        count = "this task" if len(tasks) == 1 else f"these {len(tasks)} tasks"

        def answered(yes: bool | None) -> None:
            if yes:
                self._change(lambda task: client.cancel(task.task_id), tasks)

        self.app.push_screen(Confirm(f"Cancel {count}? What was made so far is kept.", about), answered)

    def action_retry(self) -> None:
        """Begin finished tasks again."""
        client = self._client
        self._change(lambda task: client.retry(task.task_id), possible("retry", self._list.chosen))

    def action_pause(self) -> None:
        """Stop tasks for now; when all of them are stopped let them go on."""
        client, tasks = self._client, possible("pause", self._list.chosen)
        if all(task.status is Status.PAUSED for task in tasks):
            self._change(lambda task: client.resume(task.task_id), tasks)
        else:
            self._change(lambda task: client.pause(task.task_id), tasks)

    def action_prioritize(self, by: int) -> None:
        """Move tasks in the queue."""
        client, tasks = self._client, possible("prioritize", self._list.chosen)
        self._change(lambda task: client.prioritize(task.task_id, moved(task, by)), tasks)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether something can be done with what is chosen."""
        if action not in _CHANGES:
            return True
        can = self._desk.client is not None and self.is_mounted and possible(action, self._list.chosen)
        return True if can else None

    @property
    def _list(self) -> TaskList:
        return self.query_one(TaskList)

    @property
    def _client(self) -> Client:
        # Nothing that changes a task is done without: see check_action.
        assert self._desk.client is not None
        return self._desk.client

    def _change(self, change: Change, tasks: Sequence[TaskSummary]) -> None:
        begin_in("change", self, carry_out, change, tasks, self.post_message)
