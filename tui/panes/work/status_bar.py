"""Two lines on top of a task: how it stands, and what it takes."""

from collections.abc import Sequence
from time import time

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.summary import Status
from tui.panes.work.standing import Part, figures, outcome, subject
from tui.safe import content, line
from tui.widgets.painter import TONES

_EVERY = 1.0


class StatusBar(Vertical):
    """Shows a task's state; its clock goes on while the task runs."""

    DEFAULT_CSS = """
    StatusBar { height: 2; background: $panel; }
    StatusBar > Static { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, clock: bool) -> None:
        super().__init__()
        self._clock = clock
        """False where a recording is played: its task does not run now."""
        self._state: TaskState | None = None
        self._since = 0
        self._status: Status | None = None
        self._progress: Progress | None = None

    def compose(self) -> ComposeResult:
        """Lay out the lines."""
        yield Static("…", id="standing", markup=False)
        yield Static("", id="figures", markup=False)

    def on_mount(self) -> None:
        """Let the clock go."""
        self.set_interval(_EVERY, self._paint)

    def show(self, state: TaskState, since: int) -> None:
        """Show a state, whose newest event is of a time in seconds since the epoch."""
        self._state, self._since, self._progress = state, since, None
        self._paint()

    def listed(self, status: Status) -> None:
        """Take in what the list of tasks says."""
        if status is not self._status:
            self._status = status
            self._paint()

    def live(self, progress: Progress) -> None:
        """Take in what the running task tells."""
        before, self._progress = self._progress, progress
        if before is None or before.phase != progress.phase:
            self._paint()

    def _paint(self) -> None:
        if self._state is None:
            return
        runs = self._clock and self._status in (None, Status.RUNNING) and self._state.finished is None
        standing = [outcome(self._state, self._status, self._progress), Part(subject(self._state))]
        running = max(0.0, time() - self._since) if runs else 0.0
        self._say("standing", told(standing, "  "))
        self._say("figures", told(figures(self._state, running), " · "))

    def _say(self, name: str, words: Content) -> None:
        shown = self.query_one(f"#{name}", Static)
        if not words.is_same(shown.visual) if isinstance(shown.visual, Content) else True:
            shown.update(words)


def told(parts: Sequence[Part], between: str) -> Content:
    """Return parts one after the other."""
    return Content(between).join(content(line(one.text, 300), TONES[one.tone]) for one in parts)
