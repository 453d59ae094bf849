"""The work on a task: what happens, in order, and where the user has a say in it."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from agent.protocol.progress import Progress
from tui.desk import Desk
from tui.feed.feed import LinkState
from tui.feed.task_log import TaskLog
from tui.panes.pane import Pane
from tui.panes.work.now_line import NowLine
from tui.panes.work.plan import PlanView
from tui.panes.work.transcript import Transcript
from tui.prompt.area import PromptArea
from tui.prompt.prompt import Prompt
from tui.safe import content

_WIDE = 110
"""Columns from which the plan has room beside the transcript."""


class WorkPane(Pane):
    """Transcript, plan, what is done right now, and the prompt."""

    DEFAULT_CSS = """
    WorkPane { height: 1fr; }
    WorkPane #none { display: none; height: 1fr; content-align: center middle; color: $text-muted; }
    WorkPane.empty Transcript { display: none; }
    WorkPane.empty #none { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "plan", "Whole plan"),
        Binding("i", "prompt", "Say something"),
        Binding("f", "follow", "Follow", show=False),
    ]

    def __init__(self, desk: Desk, task_id: str) -> None:
        super().__init__(desk, task_id)
        self._log: TaskLog | None = None
        self._whole_plan: bool | None = None
        """What the user chose; None leaves it to the room there is."""
        self.add_class("empty")

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield PlanView()
        with Vertical():
            yield Transcript()
            yield Static("", id="none", markup=False)
            yield NowLine()
            yield Prompt(self.desk)

    def on_mount(self) -> None:
        """Say why there is nothing while there is nothing."""
        self.desk.told.link.subscribe(self, self._linked)
        self._linked(self.desk.told.link_state)

    def show(self, log: TaskLog) -> None:
        """Show the task as it stands."""
        self._log = log
        self.set_class(not log.events, "empty")
        self.query_one(Transcript).show(log)
        self._show_now()
        self._show_plan()

    def live(self, progress: Progress) -> None:
        """Take in what the running task tells."""
        self.query_one(Transcript).live(progress)
        self._show_now()

    def on_resize(self, _: events.Resize) -> None:
        """Put the plan where there is room for it."""
        self._show_plan()

    def action_plan(self) -> None:
        """Show every step of the plan, or only the one that it is at."""
        self._whole_plan = not self._shows_whole_plan
        self._show_plan()

    def action_prompt(self) -> None:
        """Put the cursor into the prompt."""
        # At once: the next key may be there already.
        self.screen.set_focus(self.query_one(PromptArea))

    def action_follow(self) -> None:
        """Go to the end, and stay there."""
        self.query_one(Transcript).action_follow()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the plan where there is one."""
        return action != "plan" or (self._log is not None and self._log.state.plan is not None)

    @property
    def _shows_whole_plan(self) -> bool:
        return self.size.width >= _WIDE if self._whole_plan is None else self._whole_plan

    def _show_now(self) -> None:
        ended = self._log is not None and self._log.state.finished is not None
        progress = self.query_one(Transcript).now.progress
        self.query_one(NowLine).show(progress, ended=ended)

    def _show_plan(self) -> None:
        view = self.query_one(PlanView)
        view.set_class(self.size.width >= _WIDE and self._shows_whole_plan, "beside")
        view.show(self._log.state.plan if self._log is not None else None, whole=self._shows_whole_plan)

    def _linked(self, state: LinkState) -> None:
        if self._log is None or not self._log.events:
            told = (f"Task {self.task_id}: nothing is known of it yet.", state.reason, state.hint)
            self.query_one("#none", Static).update(content("\n".join(filter(None, told))))
