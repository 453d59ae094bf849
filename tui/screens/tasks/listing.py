"""The list of tasks with its filter, its marks and what is said of the task at the cursor."""

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from agent.protocol.summary import TaskSummary
from tui.background import begin_in
from tui.desk import Desk
from tui.panes.listing import Listing
from tui.safe import content
from tui.screens.tasks.detail import detail
from tui.screens.tasks.emptiness import emptiness
from tui.screens.tasks.row import Cell, cells
from tui.screens.tasks.subjects import Subjects
from tui.screens.tasks.table import TaskTable, header
from tui.screens.tasks.wanted import Wanted

_TOGETHER = 0.05
"""Seconds within which changes are shown at once."""
_AGES = 5.0
_ASKED_ABOUT = 300
"""Tasks; the daemon has other things to do, too."""


class TaskList(Vertical):
    """Every task there is, newest first, live, or those that are wanted."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("a", "all", "All repositories, or this one", show=False),
        Binding("space", "mark", "Mark"),
        Binding("ctrl+a", "mark_all", "Mark all", show=False),
        Binding("escape", "clear", "Clear filter and marks", show=False),
    ]

    class Changed(Message):
        """Other tasks are chosen, or they have changed."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._wanted = Wanted(names=desk.names)
        self._listed: dict[str, TaskSummary] = {}
        self._marked: set[str] = set()
        self._subjects = Subjects(desk, self._soon)
        self._is_due = False
        self._said: dict[str, str] = {}

    @property
    def chosen(self) -> list[TaskSummary]:
        """Return the marked tasks that are listed, else the one at the cursor."""
        marked = [task for task in self._listed.values() if task.task_id in self._marked]
        current = self._listed.get(self.query_one(TaskTable).at_cursor or "") if self.is_mounted else None
        return marked or ([] if current is None else [current])

    @property
    def words(self) -> str:
        """Return how many tasks are listed, and which."""
        where = "this repository" if self._wanted.names else "all repositories"
        filtered = f" with {self._wanted.words!r}" if self._wanted.words else ""
        marked = f", {len(self._marked & set(self._listed))} marked" if self._marked else ""
        count = len(self._listed)
        return f"{count} task{'' if count == 1 else 's'} of {where}{filtered}{marked}"

    def about(self, task_id: str) -> str:
        """Return what a task is about; empty while that is not known."""
        return self._subjects.of(task_id)

    def compose(self) -> ComposeResult:
        """Lay out the list."""
        yield Input(placeholder="words that a task has to hold", id="filter", classes="hidden")
        yield Static(id="header", markup=False)
        yield TaskTable(self._cells)
        yield Static(id="empty", markup=False)
        yield Static(id="detail", markup=False)

    def on_mount(self) -> None:
        """Listen to the tasks."""
        self._desk.told.tasks.subscribe(self, lambda _: self._soon())
        self._desk.told.link.subscribe(self, lambda _: self._soon())
        self.set_interval(_AGES, self._soon)
        self._show()

    def on_resize(self) -> None:
        """Give what the tasks are about the width that is left."""
        # A column for the cursor, one for the scroll bar at the other side.
        self.query_one("#header", Static).update(Content(" ") + header(self.size.width - 3))

    def focus_tasks(self) -> None:
        """Put the keys to the list."""
        self.query_one(TaskTable).focus()

    @on(Listing.Moved)
    def look_at_task(self) -> None:
        """Say more of the task at the cursor, and what can be done with it."""
        self._show_detail()

    @on(Input.Changed, "#filter")
    def narrow(self, changed: Input.Changed) -> None:
        """List what holds the words so far."""
        self._want(changed.value, self._wanted.names)

    @on(Input.Submitted, "#filter")
    def leave_filter(self) -> None:
        """Go to the list as it is now."""
        self.focus_tasks()

    def action_filter(self) -> None:
        """Type words that a task has to hold."""
        self.query_one("#filter").remove_class("hidden")
        self.query_one("#filter").focus()

    def action_all(self) -> None:
        """List the tasks of all repositories, or of this one only."""
        self._want(self._wanted.words, frozenset() if self._wanted.names else self._desk.names)

    def action_mark(self) -> None:
        """Mark the task at the cursor, or no longer, and go to the next."""
        table = self.query_one(TaskTable)
        if table.at_cursor is not None:
            self._marked ^= {table.at_cursor}
            table.action_move(1)
            self._show()

    def action_mark_all(self) -> None:
        """Mark everything that is listed, or nothing."""
        listed = set(self._listed)
        self._marked = self._marked - listed if listed <= self._marked else self._marked | listed
        self._show()

    def action_clear(self) -> None:
        """List everything again, with nothing marked."""
        self._marked.clear()
        words = self.query_one("#filter", Input)
        words.value = ""
        words.add_class("hidden")
        self.focus_tasks()
        self._want("", self._wanted.names)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether there is a repository whose tasks could be listed alone."""
        return self._desk.repository is not None if action == "all" else True

    def _want(self, words: str, names: frozenset[str]) -> None:
        self._wanted = Wanted(words, names)
        self._show()

    def _soon(self) -> None:
        """Show what changed, together with what else changes in this moment."""
        if not self._is_due and self.is_running:
            self._is_due = True
            self.set_timer(_TOGETHER, self._show)

    def _show(self) -> None:
        self._is_due = False
        tasks = self._desk.feed.tasks()
        self._listed = {
            task.task_id: task for task in tasks if self._wanted.takes(task, self.about(task.task_id))
        }
        ids = list(self._listed)
        self.query_one(TaskTable).show(ids)
        self._show_emptiness(len(tasks))
        self._show_detail()
        begin_in("subjects", self, self._subjects.learn, ids[:_ASKED_ABOUT])

    def _cells(self, task_id: str) -> tuple[Cell, ...]:
        task = self._listed[task_id]
        return cells(task, now=time.time(), subject=self._subject(task), marked=task_id in self._marked)

    def _subject(self, task: TaskSummary) -> str:
        about = self.about(task.task_id)
        if self._wanted.names:
            return about
        return f"{task.repository.rpartition('/')[2]}: {about}"

    def _show_emptiness(self, known: int) -> None:
        sentence, hint = emptiness(
            self._desk.told.link_state,
            known=known,
            filtered=bool(self._wanted.words),
            in_repository=self._desk.repository is not None,
        )
        self.set_class(not self._listed, "empty")
        self._say("#empty", f"{sentence}\n\n{hint}")

    def _show_detail(self) -> None:
        current = self._listed.get(self.query_one(TaskTable).at_cursor or "")
        width = max(20, self.size.width - 2)
        about = "" if current is None else self.about(current.task_id)
        said = "" if current is None else detail(current, subject=about, width=width)
        self._say("#detail", said)
        self.post_message(self.Changed())

    def _say(self, where: str, text: str) -> None:
        """Show a text where the size of what holds it does not depend on it."""
        if self._said.get(where) != text:
            self._said[where] = text
            self.query_one(where, Static).update(content(text), layout=False)
