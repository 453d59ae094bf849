"""One task: its panes, of which the one that is looked at is kept up to date."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, TabbedContent, TabPane

from agent.client.client import Client
from agent.protocol.summary import Status, TaskSummary
from tui.background import begin_in
from tui.desk import Desk, Live
from tui.feed.task_log import TaskLog
from tui.orders.obey import obey
from tui.panes.pane import Pane
from tui.panes.registry import PANES, pane
from tui.panes.work.status_bar import StatusBar
from tui.prompt.prompt import Prompt
from tui.screens.tasks.changes import STEP, Change, carry_out, moved, possible
from tui.screens.tasks.confirm import Confirm

_CHANGES = ("cancel", "retry", "pause", "prioritize")


class TaskScreen(Screen[None]):
    """Follows its task from when it is shown until it is closed."""

    CSS_PATH = "task.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        *(
            Binding(str(number), f"pane('{key}')", f"Show {title}", show=False)
            for number, (key, (title, _)) in enumerate(PANES.items(), 1)
        ),
        Binding("f7", "next_pane(1)", "Next tab", show=False),
        Binding("f6", "next_pane(-1)", "Previous tab", show=False),
        Binding("c", "cancel", "Cancel", show=False),
        Binding("r", "retry", "Retry", show=False),
        Binding("p", "pause", "Pause or resume", show=False),
        Binding("plus,equals_sign", f"prioritize(-{STEP})", "Sooner", key_display="+", show=False),
        Binding("minus", f"prioritize({STEP})", "Later", key_display="-", show=False),
    ]

    def __init__(self, desk: Desk, task_id: str, first: str = "") -> None:
        super().__init__()
        self._desk = desk
        self._task_id = task_id
        self._first = first
        self._panes: list[Pane] = []

    def compose(self) -> ComposeResult:
        """Lay out the tabs; a pane is made when it is looked at first."""
        yield StatusBar(clock=self._desk.client is not None)
        with TabbedContent(initial=self._first):
            for number, (key, (title, _)) in enumerate(PANES.items(), 1):
                yield TabPane(f"{number} {title}", id=key)
        yield Footer()

    def on_mount(self) -> None:
        """Follow the task."""
        self._desk.told.logs.subscribe(self, self._changed)
        self._desk.told.progress.subscribe(self, self._live)
        self._desk.told.tasks.subscribe(self, self._listed)
        self._desk.feed.open(self._task_id)
        summary = self._summary
        if summary is not None:
            self._listed(summary)

    def on_unmount(self) -> None:
        """Follow it no longer."""
        self._desk.feed.close(self._task_id)

    async def on_tabbed_content_tab_activated(self) -> None:
        """Bring the pane that is looked at up to date."""
        active = self.query_one(TabbedContent).active_pane
        if active is not None and active.id is not None and not active.query(Pane):
            made = pane(active.id, self._desk, self._task_id)
            await active.mount(made)
            self._panes.append(made)
        if active is not None and self.focused is None:
            self._enter(active)
        log = self._desk.feed.log(self._task_id)
        if log is not None:
            self._changed(log)

    def on_prompt_said(self, said: Prompt.Said) -> None:
        """Do what the user says."""
        log = self._desk.feed.log(self._task_id)
        obey(self, self._desk, said.text, log.state if log is not None else None, task_id=self._task_id)

    def action_back(self) -> None:
        """Leave the prompt, or else the task."""
        if self.focused is not None and any(isinstance(one, Prompt) for one in self.focused.ancestors):
            active = self.query_one(TabbedContent).active_pane
            if active is not None:
                self._enter(active)
        else:
            self.app.pop_screen()

    def action_pane(self, key: str) -> None:
        """Show a pane."""
        # So that it goes where the pane is, and not to the tabs.
        tabs = self.query_one(TabbedContent)
        if tabs.active != key:
            self.set_focus(None)
            tabs.active = key

    def action_next_pane(self, by: int) -> None:
        """Show the pane beside the one that is seen."""
        keys, active = list(PANES), self.query_one(TabbedContent).active
        self.action_pane(keys[(keys.index(active) + by) % len(keys)])

    def action_cancel(self) -> None:
        """Stop the task for good, once the user agreed."""
        client = self._client

        def answered(yes: bool | None) -> None:
            if yes:
                self._change(lambda task: client.cancel(task.task_id))

        question = "Cancel this task? What was made so far is kept."
        self.app.push_screen(Confirm(question, [self._task_id]), answered)

    def action_retry(self) -> None:
        """Begin the finished task again."""
        client = self._client
        self._change(lambda task: client.retry(task.task_id))

    def action_pause(self) -> None:
        """Stop the task for now, or let it go on."""
        client, summary = self._client, self._summary
        paused = summary is not None and summary.status is Status.PAUSED
        self._change(lambda task: (client.resume if paused else client.pause)(task.task_id))

    def action_prioritize(self, by: int) -> None:
        """Move the task in the queue."""
        client = self._client
        self._change(lambda task: client.prioritize(task.task_id, moved(task, by)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether something can be done with the task as it stands."""
        if action not in _CHANGES:
            return True
        summary = self._summary
        can = self._desk.client is not None and summary is not None and possible(action, [summary])
        return True if can else None

    @property
    def _summary(self) -> TaskSummary | None:
        return next((one for one in self._desk.feed.tasks() if one.task_id == self._task_id), None)

    @property
    def _client(self) -> Client:
        # Nothing that changes a task is done without: see check_action.
        assert self._desk.client is not None
        return self._desk.client

    def _change(self, change: Change) -> None:
        summary = self._summary
        if summary is not None:
            begin_in("change", self, carry_out, change, [summary], self.post_message)

    def _enter(self, active: TabPane) -> None:
        """Put the focus on the first thing of a pane that takes keys."""
        for one in active.query("*"):
            if one.focusable and not any(isinstance(above, Prompt) for above in one.ancestors):
                self.set_focus(one)
                return

    def _listed(self, summary: TaskSummary) -> None:
        if summary.task_id == self._task_id:
            self.query_one(StatusBar).listed(summary.status)
            self.refresh_bindings()

    def _changed(self, log: TaskLog) -> None:
        active = self.query_one(TabbedContent).active_pane
        if log.task_id == self._task_id and active is not None:
            newest = log.events[-1].recorded_at if log.events else 0
            self.query_one(StatusBar).show(log.state, newest)
            for one in active.query(Pane):
                if one.is_mounted:
                    # One that is being made is shown the task as soon as it is there.
                    one.show(log)

    def _live(self, told: Live) -> None:
        if told.task_id == self._task_id:
            self.query_one(StatusBar).live(told.progress)
            for one in self._panes:
                one.live(told.progress)
