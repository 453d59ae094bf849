"""The tasks of the open repositories as they stand, however often the daemon goes and comes back."""

import asyncio
from collections.abc import Callable, Collection
from pathlib import Path

from agent.client.client import Client
from agent.protocol.event import Event
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState, advance
from agent.protocol.summary import TaskSummary

Changed = Callable[[TaskState], None]
Live = Callable[[str, Progress], None]
"""Takes the id of a task and what it tells about itself."""


class Feed:
    """Follows tasks, and tells whoever listens after every event."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._states: dict[str, TaskState] = {}
        self._following: dict[str, asyncio.Task[None]] = {}
        self._changed: list[Changed] = []
        self._live: list[Live] = []

    def listen(self, changed: Changed) -> None:
        """Be told the state of a task whenever it changed."""
        self._changed.append(changed)

    def listen_live(self, live: Live) -> None:
        """Be told what running tasks tell about themselves."""
        self._live.append(live)

    def state(self, task_id: str) -> TaskState | None:
        """Return a task as it stands, None while nothing is known of it."""
        return self._states.get(task_id)

    def tasks(self, repository: Path) -> list[TaskState]:
        """Return the tasks of a repository, newest first."""
        here = [one for one in self._states.values() if one.spec and one.spec.repository == str(repository)]
        return sorted(here, key=lambda one: one.task_id, reverse=True)

    async def watch(self, repositories: Collection[Path]) -> None:
        """Follow the tasks of repositories, from the newest back, until cancelled; raises RatchetError."""
        wanted = {str(one) for one in repositories}
        async with asyncio.TaskGroup() as group:
            async for summary in self._client.changes():
                if summary.repository in wanted and self._is_news(summary):
                    self._following[summary.task_id] = group.create_task(self.follow(summary.task_id))

    async def follow(self, task_id: str) -> None:
        """Follow one task until it has ended; raises RatchetError."""
        known = self._states.get(task_id, TaskState())
        async for item in self._client.events(task_id, after=known.seq):
            if isinstance(item, Event):
                known = advance(known, item)
                self._states[task_id] = known
                for changed in self._changed:
                    changed(known)
            else:
                for live in self._live:
                    live(task_id, item)

    def _is_news(self, summary: TaskSummary) -> bool:
        running = self._following.get(summary.task_id)
        known = self._states.get(summary.task_id, TaskState())
        return (running is None or running.done()) and summary.seq > known.seq
