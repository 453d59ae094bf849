"""All open tasks as they move: summaries looked up every second, progress as it is told."""

import asyncio
import contextlib
from collections.abc import Callable

from agent.cli.work.progress import figures
from agent.client.client import Client
from agent.protocol.errors import RatchetError
from agent.protocol.event import Event
from agent.protocol.progress import Progress
from agent.protocol.summary import Status, TaskSummary

_OPEN = (Status.RUNNING, Status.WAITING, Status.PAUSED, Status.QUEUED)
_LOOK_SECONDS = 1.0
_SHOWN_OPEN = 100
_SHOWN_FINISHED = 10


class Board:
    """The open tasks, and the few that finished while somebody looked."""

    def __init__(self, client: Client, changed: Callable[[TaskSummary], None]) -> None:
        self._client = client
        self._changed = changed
        self._hearing: dict[str, asyncio.Task[None]] = {}
        self.tasks: dict[str, TaskSummary] = {}
        self.live: dict[str, str] = {}
        """What running tasks said last."""

    async def watch(self, *, until_done: bool) -> None:
        """Keep up to date; returns only with `until_done`, once nothing is open. Raises RatchetError."""
        try:
            while True:
                await self._look()
                if until_done and not self.open:
                    return
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            for hearing in self._hearing.values():
                hearing.cancel()
            await asyncio.gather(*self._hearing.values(), return_exceptions=True)

    @property
    def open(self) -> list[TaskSummary]:
        """Return the tasks that are not finished."""
        return [task for task in self.tasks.values() if task.status is not Status.FINISHED]

    async def _look(self) -> None:
        seen: dict[str, TaskSummary] = {}
        for status in _OPEN:
            page = await self._client.page(status=status, limit=_SHOWN_OPEN)
            seen.update((task.task_id, task) for task in page.tasks)
        for task in self.open:
            if task.task_id not in seen:
                seen[task.task_id] = (await self._client.task(task.task_id)).summary
        for task in seen.values():
            self._take(task)
        finished = [task.task_id for task in self.tasks.values() if task.status is Status.FINISHED]
        for task_id in finished[:-_SHOWN_FINISHED]:
            del self.tasks[task_id]

    def _take(self, task: TaskSummary) -> None:
        known = self.tasks.get(task.task_id)
        self.tasks[task.task_id] = task
        if known is None or (known.status, known.step) != (task.status, task.step):
            self._changed(task)
        if task.status is Status.RUNNING and task.task_id not in self._hearing:
            hearing = asyncio.create_task(self._hear(task.task_id, task.seq))
            self._hearing[task.task_id] = hearing
            hearing.add_done_callback(lambda _: self._hearing.pop(task.task_id, None))
        if task.status is not Status.RUNNING:
            self.live.pop(task.task_id, None)

    async def _hear(self, task_id: str, after: int) -> None:
        # What is heard is decoration: the summaries are looked up in any case.
        with contextlib.suppress(RatchetError):
            async for item in self._client.events(task_id, after=after):
                if isinstance(item, Progress) and not item.only_adds:
                    self.live[task_id] = "  ".join((item.phase, *figures(item)))
                elif isinstance(item, Event):
                    self.live.pop(task_id, None)
