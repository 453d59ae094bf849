"""What streams tell: a task's events to its end, or how all tasks stand for as long as somebody looks."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agent.daemon.changes import Watcher
from agent.daemon.hub import Hub, Message, Subscriber
from agent.daemon.stream import KEEP_ALIVE, Say
from agent.protocol.summary import TaskSummary

T = TypeVar("T")
_END = Message("end", "{}")
_TOGETHER = 100

Finished = Callable[[int], Awaitable[bool]]
"""Says whether the task is finished and has no event after a `seq`."""


@dataclass(frozen=True, slots=True)
class TaskTold:
    """The past of one task from the store, then whatever happens; `end` once it has ended."""

    hub: Hub
    subscriber: Subscriber
    past: Sequence[Message]
    after: int
    finished: Finished
    keep_alive: float

    async def __call__(self, say: Say) -> None:
        """Tell it."""
        last = self.after
        for message in self.past:
            await say(message.encode())
            last = message.seq or last
        self.hub.caught_up(self.subscriber, last)
        if await self.finished(last) or await self._follow(say):
            await say(_END.encode())

    async def _follow(self, say: Say) -> bool:
        """Tell what happens; True when the task has ended, False when the daemon does."""
        while (message := await _next(self.subscriber.next, say, self.keep_alive)) is not None:
            await say(message.encode())
            if message.ends and not self.subscriber.waiting:
                return True
        return False


@dataclass(frozen=True, slots=True)
class ChangesTold:
    """The tasks as they stand, then each whenever it changes, until the daemon ends."""

    watcher: Watcher
    present: Sequence[TaskSummary]
    keep_alive: float

    async def __call__(self, say: Say) -> None:
        """Tell it."""
        for start in range(0, len(self.present), _TOGETHER):
            await say(b"".join(map(_summary, self.present[start : start + _TOGETHER])))
        while (task := await _next(self.watcher.next, say, self.keep_alive)) is not None:
            await say(_summary(task))


def _summary(task: TaskSummary) -> bytes:
    return Message("summary", task.model_dump_json()).encode()


async def _next(ask: Callable[[], Awaitable[T]], say: Say, keep_alive: float) -> T:
    """Return the next answer, with a sign of life whenever it takes long."""
    while True:
        try:
            async with asyncio.timeout(keep_alive):
                return await ask()
        except TimeoutError:
            await say(KEEP_ALIVE)
