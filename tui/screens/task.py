"""One task: its panes, of which the one that is looked at is kept up to date."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Footer, TabbedContent, TabPane

from tui.desk import Desk, Live
from tui.feed.task_log import TaskLog
from tui.panes.pane import Pane
from tui.panes.registry import PANES, pane


class TaskScreen(Screen[None]):
    """Follows its task from when it is shown until it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "app.pop_screen", "Back")]

    def __init__(self, desk: Desk, task_id: str, first: str = "") -> None:
        super().__init__()
        self._desk = desk
        self._task_id = task_id
        self._first = first

    def compose(self) -> ComposeResult:
        """Lay out the panes."""
        with TabbedContent(initial=self._first):
            for key, (title, _) in PANES.items():
                with TabPane(title, id=key):
                    yield pane(key, self._desk, self._task_id)
        yield Footer()

    def on_mount(self) -> None:
        """Follow the task."""
        self._desk.told.logs.subscribe(self, self._changed)
        self._desk.told.progress.subscribe(self, self._live)
        self._desk.feed.open(self._task_id)

    def on_unmount(self) -> None:
        """Follow it no longer."""
        self._desk.feed.close(self._task_id)

    def on_tabbed_content_tab_activated(self) -> None:
        """Bring the pane that is looked at up to date."""
        log = self._desk.feed.log(self._task_id)
        if log is not None:
            self._changed(log)

    def _changed(self, log: TaskLog) -> None:
        active = self.query_one(TabbedContent).active_pane
        if log.task_id == self._task_id and active is not None:
            active.query_one(Pane).show(log)

    def _live(self, told: Live) -> None:
        if told.task_id == self._task_id:
            for one in self.query(Pane):
                one.live(told.progress)
