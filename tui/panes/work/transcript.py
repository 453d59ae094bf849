"""The transcript of one task: what was recorded, and below it what happens right now."""

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from textual.timer import Timer

from agent.protocol.event import Event, TurnTaken
from agent.protocol.progress import Progress
from tui.feed.task_log import TaskLog
from tui.panes.work.amounts import several
from tui.panes.work.now import Now
from tui.panes.work.story import Story
from tui.widgets.block import Block
from tui.widgets.entry import Entry, Form, Tone
from tui.widgets.lines import Lines
from tui.widgets.roll import Roll

_EVERY = 0.06
"""Seconds between two paints, however much comes in between."""
_REST = 4
"""How many times as long as a paint took nothing is painted after it, so that keys find room."""


_KEPT = 100_000
"""Lines of all that was printed in steps that are over."""


class Transcript(Roll):
    """Takes in a task; what comes faster than it can be read is painted together."""

    def __init__(self) -> None:
        super().__init__(id="transcript")
        self.now = Now()
        self._story = Story()
        self._read = 0
        self.recorded: list[Block] = []
        """What was recorded by now, painted or not yet."""
        self._painted = 0
        """How many of what was recorded was there at the newest paint."""
        self._printed: list[Block] = []
        """What was printed in steps that are over, as far as it is kept."""
        self._says: Block | None = None
        self._output: Block | None = None
        self._due: Timer | None = None
        self._took = 0.0
        self._dropped = 0

    def show(self, log: TaskLog) -> None:
        """Take in the events that were not read yet."""
        for event in log.events[self._read :]:
            self._take(event)
        if self._read != len(log.events):
            self._read = len(log.events)
            self._soon()

    def live(self, update: Progress) -> None:
        """Take in what the running task tells."""
        self.now.take(update)
        if update.text is not None or update.output is not None:
            self._soon()

    def _take(self, event: Event) -> None:
        told = [Block(one) for one in self._story.read(event)]
        printed = self._ended(self.now.end())
        # A model's tools print after it has spoken; what a step measures was printed before.
        self.recorded += [*told, *printed] if isinstance(event.body, TurnTaken) else [*printed, *told]
        self._says = self._output = None

    def _ended(self, output: Lines | None) -> Sequence[Block]:
        if output is None:
            return ()
        block = self._output or Block(_output_entry(output, running=False), output)
        block.entry, block.folded = _output_entry(output, running=False), True
        self._printed.append(block)
        while len(self._printed) > 1 and sum(one.body_rows for one in self._printed) > _KEPT:
            self._forget(self._printed.pop(0))
        return (block,)

    def _forget(self, block: Block) -> None:
        """Let go of what was printed long ago."""
        block.lines = Lines()
        block.entry = replace(block.entry, note="no longer kept")
        self._painted = min(self._painted, self.recorded.index(block))

    def _soon(self) -> None:
        if self._due is None and self.is_attached:
            self._due = self.set_timer(max(_EVERY, _REST * self._took), self._paint)

    def _paint(self) -> None:
        self._due, began = None, monotonic()
        dropped = self.now.output.dropped if self.now.output is not None else 0
        gone, self._dropped = max(0, dropped - self._dropped), dropped
        self.put(self._painted, [*self.recorded[self._painted :], *self._happening()], gone=gone)
        self._painted = len(self.recorded)
        self._took = monotonic() - began

    def _happening(self) -> Sequence[Block]:
        """Return what happens right now."""
        found = []
        if self.now.said:
            entry = Entry("says", "●", Tone.VOICE, body=self.now.said, form=Form.MARKDOWN)
            if self._says is None or self._says.lines is not None:
                self._says = Block(entry)
            self._says.entry, self._says.measured = entry, None
            found.append(self._says)
        output = self.now.output
        if output is not None:
            entry = _output_entry(output, running=True)
            self._output = self._output or Block(entry, output)
            self._output.entry = entry
            found.append(self._output)
        return found


def _output_entry(output: Lines, *, running: bool) -> Entry:
    gone = f"{output.dropped:,} earlier ones are gone" if output.dropped else ""
    where = "the sandbox prints" if running else "the sandbox printed"
    return Entry(
        f"{where} {several(len(output) + output.dropped, 'line')}",
        "│",
        Tone.MUTED,
        note=gone,
        form=Form.LINES,
    )
