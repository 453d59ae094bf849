"""The tasks of the open repositories as they stand, however often the daemon goes and comes back."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from agent.client.client import Client
from agent.client.problems import DaemonUnavailable
from agent.protocol.errors import RatchetError
from agent.protocol.event import Event, SnapshotTaken
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState, advance
from agent.protocol.summary import Status, TaskSummary
from agent.protocol.task import TaskSpec
from lsp.shelf import Shelf

Changed = Callable[[TaskState], None]
Live = Callable[[str, Progress], None]
"""Takes the id of a task and what it tells about itself."""

READ_AT_START = 30
"""Ended tasks of a repository whose events are read; what ended before them is left unread."""
_MOST_STREAMS = 40
"""Open tasks that are followed live; of more only the events are read, whenever one changed."""
_BREATH_SECONDS = 0.05
"""What is told within it is read newest first."""


class Feed:
    """Follows tasks, and tells whoever listens after every event; of an ended one once for all of them."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._shelf = Shelf()
        self._tops: dict[str, Path] = {}
        """The repositories that were open, by each of their names."""
        self._changed: list[Changed] = []
        self._live: list[Live] = []
        self._following: dict[str, asyncio.Task[None]] = {}
        self._unread: dict[str, TaskSummary] = {}
        self._wake = asyncio.Event()

    def listen(self, changed: Changed) -> None:
        """Be told the state of a task whenever it changed."""
        self._changed.append(changed)

    def listen_live(self, live: Live) -> None:
        """Be told what running tasks tell about themselves."""
        self._live.append(live)

    def state(self, task_id: str) -> TaskState | None:
        """Return a task as it stands, None while nothing is known of it."""
        return self._shelf.state(task_id)

    def tasks(self, repository: Path) -> list[TaskState]:
        """Return the tasks of a repository, newest first; of those that ended long ago none."""
        names = {str(repository), *(name for name, top in self._tops.items() if top == repository)}
        found = [state for name in names for state in self._shelf.of(name)]
        return sorted(found, key=lambda state: state.task_id, reverse=True)

    def top_of(self, spec: TaskSpec) -> Path | None:
        """Return the working tree that a task's files belong into; None where no clone of it is open."""
        return self._tops.get(spec.home, None if spec.trigger is not None else Path(spec.repository))

    def snapshot_at(self, task_id: str) -> float | None:
        """Return a time, in seconds since the epoch, by which a task had fixed the trees that it is about."""
        return self._shelf.snapshot_at(task_id)

    async def watch(self, repositories: Mapping[str, Path]) -> None:
        """Follow the tasks of repositories until cancelled; raises RatchetError when there is no daemon.

        They go by their names, several of which may mean the same. What is known by then is kept, and the
        next call goes on from there.
        """
        self._tops |= repositories
        reading = asyncio.create_task(self._read_unread())
        followers: set[asyncio.Task[None]] = {reading}
        try:
            async for summary in self._client.changes():
                if summary.repository in repositories and self._is_news(summary):
                    self._take(summary, followers)
        except ValidationError as error:
            raise DaemonUnavailable(
                "the daemon says what this version does not understand", hint="restart the language server"
            ) from error
        finally:
            for one in followers:
                one.cancel()
            await asyncio.gather(*followers, return_exceptions=True)
            self._unread.clear()

    async def follow(self, task_id: str) -> None:
        """Follow one task until it has ended, whoever follows it besides; raises RatchetError."""
        running = self._following.get(task_id)
        if running is not None and not running.done():
            await asyncio.wait({running})
            return
        task = asyncio.ensure_future(self._follow(task_id))
        self._following[task_id] = task
        try:
            await task
        finally:
            task.cancel()
            if self._following.get(task_id) is task:
                del self._following[task_id]

    async def _follow(self, task_id: str) -> None:
        known = self._shelf.state(task_id) or TaskState()
        async for item in self._client.events(task_id, after=known.seq):
            if isinstance(item, Event):
                self._advance(task_id, [item])
            else:
                for live in self._live:
                    live(task_id, item)

    def _is_news(self, summary: TaskSummary) -> bool:
        known = self._shelf.state(summary.task_id)
        return summary.task_id not in self._following and (known is None or summary.seq > known.seq)

    def _take(self, summary: TaskSummary, followers: set[asyncio.Task[None]]) -> None:
        if summary.status is Status.FINISHED or len(self._following) >= _MOST_STREAMS:
            self._unread[summary.task_id] = summary
            self._wake.set()
            return
        task = asyncio.create_task(self._quietly(self.follow, summary.task_id))
        followers.add(task)
        task.add_done_callback(followers.discard)

    async def _read_unread(self) -> None:
        """Read tasks that nobody follows, newest first, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(_BREATH_SECONDS)
            while self._unread:
                summary = self._unread.pop(max(self._unread))
                if not self._is_old(summary):
                    await self._quietly(self._read, summary.task_id)

    def _is_old(self, summary: TaskSummary) -> bool:
        ended = summary.status is Status.FINISHED and self._shelf.state(summary.task_id) is None
        return ended and self._shelf.newer(summary.repository, summary.task_id) >= READ_AT_START

    async def _read(self, task_id: str) -> None:
        known = self._shelf.state(task_id) or TaskState()
        self._advance(task_id, await self._client.history(task_id, after=known.seq))

    def _advance(self, task_id: str, events: list[Event]) -> None:
        known = self._shelf.state(task_id) or TaskState()
        for event in events:
            if event.seq > known.seq:
                known = advance(known, event)
                if isinstance(event.body, SnapshotTaken):
                    # Another machine's clock may be ahead of ours.
                    self._shelf.note_snapshot(task_id, min(time.time(), event.recorded_at + 1.0))
        if not events:
            return
        self._shelf.put(known)
        for changed in self._changed:
            changed(known)

    async def _quietly(self, work: Callable[[str], Awaitable[None]], task_id: str) -> None:
        """Do without a task that cannot be read now: what comes next of it brings it back."""
        try:
            await work(task_id)
        except (RatchetError, ValidationError):
            return
