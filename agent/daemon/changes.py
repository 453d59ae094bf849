"""Tells whoever looks at all tasks how each stands, whoever changed it; a busy task is told of seldom."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from itertools import islice

from agent.engine.catalog import Mark, mark_of
from agent.engine.errors import StoreUnavailable
from agent.protocol.summary import Status, TaskSummary

LIMIT = 4096
"""Tasks that may wait for one watcher; of each only how it stands now."""
TASK_SECONDS = 0.1
"""Between two lines about the same task."""
POLL_SECONDS = 1.0
"""How long a change that nobody announced, as one of another daemon, may go unnoticed."""
_BREATH_SECONDS = 0.02
"""What changes within it is looked up together."""
_AT_ONCE = 500

ReadAll = Callable[[], Awaitable[Sequence[TaskSummary]]]
"""The tasks that a watcher begins with, oldest first."""
ReadMarks = Callable[[], Awaitable[dict[str, Mark]]]
"""From the same tasks to what tells that one has changed."""
ReadSome = Callable[[Collection[str]], Awaitable[Sequence[TaskSummary]]]
"""Tasks by their ids; those that are gone are left out."""


@dataclass(eq=False, slots=True)
class Watcher:
    """One reader of all tasks."""

    closed: bool = False
    _waiting: dict[str, TaskSummary] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _slow: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_slow(self) -> bool:
        """True once more waits than a reader that keeps up would leave."""
        return self._slow.is_set()

    async def until_slow(self) -> None:
        """Return when the reader has to be dropped."""
        await self._slow.wait()

    async def next(self) -> TaskSummary | None:
        """Return the next task; None when the stream is to be closed."""
        while not self._waiting and not self.closed:
            self._changed.clear()
            await self._changed.wait()
        return None if self.closed else self._waiting.pop(next(iter(self._waiting)))

    def put(self, summary: TaskSummary) -> None:
        """Add a task as it stands, or close the stream of a reader that does not keep up."""
        self._waiting[summary.task_id] = summary
        if len(self._waiting) > LIMIT:
            self._slow.set()
            self.close()
        self._changed.set()

    def close(self) -> None:
        """End the stream; the reader comes back and begins anew."""
        self.closed = True
        self._waiting.clear()
        self._changed.set()


class Changes:
    """The watchers of all tasks; lives in the event loop's thread."""

    def __init__(self, read_all: ReadAll, read_marks: ReadMarks, read_some: ReadSome) -> None:
        self._read_all = read_all
        self._read_marks = read_marks
        self._read_some = read_some
        self._watchers: set[Watcher] = set()
        self._known: dict[str, Mark] = {}
        """What every watcher was told, or began with."""
        self._changed: set[str] = set()
        self._told_at: dict[str, float] = {}
        self._wake = asyncio.Event()
        # Answers of the store reach the watchers in the order in which it was asked.
        self._turn = asyncio.Lock()
        self._closed = False

    @property
    def watchers(self) -> int:
        """Return how many streams are open."""
        return len(self._watchers)

    async def attach(self) -> tuple[Watcher, Sequence[TaskSummary]]:
        """Return a new watcher, and the tasks as they stood just before the first that it gets."""
        async with self._turn:
            tasks = await self._read_all()
            if not self._watchers:
                self._known.clear()
            for task in tasks:
                # What the others have yet to be told stays news.
                self._known.setdefault(task.task_id, mark_of(task))
            watcher = Watcher(closed=self._closed)
            self._watchers.add(watcher)
        return watcher, tasks

    def detach(self, watcher: Watcher) -> None:
        """Forget a watcher."""
        self._watchers.discard(watcher)

    def changed(self, task_id: str) -> None:
        """Say that a task may have changed."""
        if self._watchers:
            self._changed.add(task_id)
            self._wake.set()

    async def tell(self) -> None:
        """Tell the watchers what was announced, until cancelled."""
        while True:
            await self._wake.wait()
            due = self._due()
            if due:
                await self._tell(due)
            await asyncio.sleep(_BREATH_SECONDS)
            if not self._changed:
                self._wake.clear()

    async def poll(self) -> None:
        """Look for changes that nobody announced, until cancelled."""
        while True:
            # Many open tasks must not keep the database busy.
            await asyncio.sleep(max(POLL_SECONDS, 0.0005 * len(self._known)))
            if self._watchers:
                with contextlib.suppress(StoreUnavailable):
                    await self._look()

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        for watcher in self._watchers:
            watcher.close()

    def _due(self) -> set[str]:
        now = time.monotonic()
        self._told_at = {task: at for task, at in self._told_at.items() if now - at < TASK_SECONDS}
        return set(islice(self._changed - self._told_at.keys(), _AT_ONCE))

    async def _tell(self, due: set[str]) -> None:
        # Before the look, so that a change during it is not taken for told.
        self._changed -= due
        try:
            async with self._turn:
                found = {task.task_id: task for task in await self._read_some(due)}
                for task_id in due:
                    self._put(task_id, found.get(task_id))
        except StoreUnavailable:
            self._changed |= due
            await asyncio.sleep(POLL_SECONDS)

    def _put(self, task_id: str, task: TaskSummary | None) -> None:
        if task is None:
            self._known.pop(task_id, None)
        elif self._known.get(task_id) != mark_of(task):
            self._known[task_id] = mark_of(task)
            self._told_at[task_id] = time.monotonic()
            for watcher in self._watchers:
                watcher.put(task)

    async def _look(self) -> None:
        async with self._turn:
            marks = await self._read_marks()
            for task_id, mark in marks.items():
                if self._known.get(task_id) != mark:
                    self.changed(task_id)
            for task_id in self._known.keys() - marks.keys():
                if self._known[task_id].status is Status.FINISHED:
                    # No longer one of the newest; it counts again once it is open again.
                    del self._known[task_id]
                else:
                    self.changed(task_id)
