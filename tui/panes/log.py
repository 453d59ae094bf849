"""The record of a task: its events one by one, and what the daemon wrote down about it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from agent.protocol.errors import RatchetError
from agent.protocol.event import Event
from tui.background import begin_alone
from tui.desk import Desk
from tui.feed.task_log import TaskLog
from tui.messages import Trouble
from tui.panes.pane import Pane
from tui.widgets.block import Block
from tui.widgets.entry import Entry, Form, Tone
from tui.widgets.lines import Lines
from tui.widgets.roll import Roll


class LogPane(Pane):
    """Events with their steps and times; below them the end of the log, read when asked."""

    DEFAULT_CSS = "LogPane { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "read", "Read the log")]

    def __init__(self, desk: Desk, task_id: str) -> None:
        super().__init__(desk, task_id)
        self._lines = Lines()
        self._shown = 0
        self._events = Block(Entry("no event yet", "≡", form=Form.LINES), self._lines)
        self._written = Block(Entry("log: not read yet, `o` reads it", "≡", Tone.MUTED, form=Form.LINES))

    def compose(self) -> ComposeResult:
        """Lay out the record."""
        yield Roll(id="record")

    def on_mount(self) -> None:
        """Begin with what there is."""
        blocks = [self._events, self._written] if self.desk.client is not None else [self._events]
        self.query_one(Roll).put(0, blocks)

    def show(self, log: TaskLog) -> None:
        """Add the events that were not there yet."""
        for event in log.events[self._shown :]:
            self._lines.add(f"{_told(event)}\n")
        self._shown = len(log.events)
        self._events.entry = Entry(f"{self._shown} events", "≡", form=Form.LINES)
        self.query_one(Roll).changed()

    def action_read(self) -> None:
        """Read the end of the log."""
        begin_alone("log", self, self._read)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the log where there is a daemon that has one."""
        return None if action == "read" and self.desk.client is None else True

    async def _read(self) -> None:
        assert self.desk.client is not None
        try:
            text = await self.desk.client.log(self.task_id)
        except RatchetError as error:
            self.post_message(Trouble(error.message, error.hint))
            return
        self._written.lines = Lines(text)
        self._written.entry = Entry("log" if text else "log: empty", "≡", form=Form.LINES)
        self.query_one(Roll).changed()


def _told(event: Event) -> str:
    took = f"{event.seconds:8.2f} s" if event.seconds else ""
    return f"{event.seq:5}  {event.body.type:<18} {event.step_key:<20} {took}".rstrip()
