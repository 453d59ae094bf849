"""Recorded tasks, played again: all at once, or at the pace at which they happened."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

from agent.protocol.event import Event
from agent.protocol.progress import Progress
from agent.protocol.summary import TaskSummary
from tui.feed.feed import Hears, Link, LinkState
from tui.feed.summary import summary_of
from tui.feed.task_log import TaskLog

_LONGEST_PAUSE = 3.0
"""Seconds; a task that waited a night for its approval is not waited for again."""
_BETWEEN_PROGRESS = 0.05


@dataclass(frozen=True, slots=True)
class _Moment:
    at: int
    """Seconds since the epoch."""
    task_id: str
    item: Event | Progress


class RecordedFeed:
    """A feed over what was recorded; nothing in it can be changed, and nothing comes from outside.

    `speed` is how many times as fast as it was to play it; with 0 everything is there from the start.
    What a task told about itself while it ran may stand between its events, and is only played.
    """

    def __init__(
        self, logs: Iterable[Sequence[Event | Progress]], hears: Hears, *, speed: float = 0.0
    ) -> None:
        self._hears = hears
        self._speed = speed
        self._moments = list(merge(*(_moments(log) for log in logs), key=lambda moment: moment.at))
        self._played = 0
        self._logs: dict[str, TaskLog] = {}
        self._open: Counter[str] = Counter()
        self._steps = 0
        self._pressed = asyncio.Event()
        self.playing = speed > 0
        if not self.playing:
            for moment in self._moments:
                self._add(moment)
            self._played = len(self._moments)

    @property
    def ended(self) -> bool:
        """Say whether everything was played."""
        return self._played == len(self._moments)

    def tasks(self) -> Sequence[TaskSummary]:
        """Return what is known by now of every task, newest first."""
        return [summary_of(self._logs[one]) for one in sorted(self._logs, reverse=True)]

    def log(self, task_id: str) -> TaskLog | None:
        """Return a task, None before its first event was played."""
        return self._logs.get(task_id)

    def open(self, task_id: str) -> None:
        """Tell of a task, now and whenever more of it was played."""
        self._open[task_id] += 1
        if task_id in self._logs:
            asyncio.get_running_loop().call_soon(self._tell, task_id)

    def close(self, task_id: str) -> None:
        """Tell of a task no longer, unless somebody else still looks at it."""
        self._open -= Counter([task_id])

    async def run(self) -> None:
        """Play what there is until cancelled."""
        for summary in self.tasks():
            self._hears.listed(summary)
        self._tell_place()
        while not self.ended:
            await self._due(self._pause())
            self._play()
        await asyncio.Event().wait()

    def again(self) -> None:
        """Do nothing: there is no daemon to look for."""

    def pause(self) -> None:
        """Stop playing, or go on."""
        self.playing = not self.playing and not self.ended
        self._pressed.set()
        self._tell_place()

    def step(self) -> None:
        """Stop playing, after one event more."""
        self.playing = False
        self._steps += 1
        self._pressed.set()

    async def _due(self, seconds: float) -> None:
        """Wait until the next is due, which a pause puts off and a step brings on."""
        while not self._steps:
            self._pressed.clear()
            try:
                async with asyncio.timeout(seconds if self.playing else None):
                    await self._pressed.wait()
            except TimeoutError:
                return
        self._steps -= 1

    def _pause(self) -> float:
        moment = self._moments[self._played]
        if isinstance(moment.item, Progress):
            return _BETWEEN_PROGRESS / self._speed
        before = self._moments[max(0, self._played - 1)].at
        return min(_LONGEST_PAUSE, moment.at - before) / self._speed

    def _play(self) -> None:
        moment = self._moments[self._played]
        self._played += 1
        self._add(moment)
        if isinstance(moment.item, Progress):
            if self._open[moment.task_id]:
                self._hears.live(moment.task_id, moment.item)
        else:
            self._hears.listed(summary_of(self._logs[moment.task_id]))
            self._tell(moment.task_id)
        if self.ended or not self.playing:
            self._tell_place()

    def _add(self, moment: _Moment) -> None:
        if isinstance(moment.item, Event):
            self._logs.setdefault(moment.task_id, TaskLog(moment.task_id)).add(moment.item)

    def _tell(self, task_id: str) -> None:
        if self._open[task_id]:
            self._hears.changed(self._logs[task_id])

    def _tell_place(self) -> None:
        count = len(self._moments)
        if self.ended:
            reason, hint = f"a recording, at its end: {count} events", ""
        elif self.playing:
            reason, hint = f"a recording of {count} events, playing", "F9 pauses"
        else:
            reason = f"a recording, paused at event {self._played} of {count}"
            hint = "F9 goes on, F10 plays the next"
        self._hears.linked(LinkState(Link.RECORDED, reason, hint))


def _moments(log: Sequence[Event | Progress]) -> Iterator[_Moment]:
    first = next(item for item in log if isinstance(item, Event))
    at, task_id = first.recorded_at, first.task_id
    for item in log:
        # A clock that was set back does not take the events out of their order.
        at = max(at, item.recorded_at) if isinstance(item, Event) else at
        yield _Moment(at, task_id, item)
