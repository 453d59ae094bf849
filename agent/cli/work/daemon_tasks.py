"""Tasks that run in the daemon, followed from this process."""

import asyncio
import queue
import threading
from collections.abc import Coroutine, Iterator
from types import TracebackType
from typing import Any, TypeVar

from agent.cli.daemon.link import note
from agent.cli.work.follow import Item
from agent.client.client import Client
from agent.client.launch import finder
from agent.client.problems import DaemonUnavailable
from agent.config import state_dir
from agent.protocol.control import GroupsSplit
from agent.protocol.event import Event
from agent.protocol.policy import Decision
from agent.protocol.progress import Progress
from agent.protocol.summary import Status
from agent.protocol.task import TaskSpec

T = TypeVar("T")


class DaemonTasks:
    """The daemon's tasks as `follow` wants them; a context manager.

    A loop in a thread of its own talks to the daemon, so that the caller may wait for items, for the
    keyboard and for signals at the same time. Every method raises RatchetError.
    """

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="daemon link", daemon=True)
        self._client = Client(finder(state_dir(), note))

    def __enter__(self) -> "DaemonTasks":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done(self._settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def create(self, spec: TaskSpec) -> str:
        """Record a task and return its id; it is one task however often the connection is lost."""
        return self._done(self._client.create(spec)).summary.task_id

    def items(self, task_id: str) -> Iterator[tuple[str, Item]]:
        """Yield every event of a task and of those it is split into, and updates meanwhile, with its id.

        A daemon that dies is started again, and the tasks go on.
        """
        heard: queue.Queue[tuple[str, Item] | None] = queue.Queue()
        if self._done(self._client.task(task_id)).summary.status is Status.QUEUED:
            yield task_id, Progress(phase="queued", message="waiting for its turn")
        hearing = asyncio.run_coroutine_threadsafe(self._hear_all(task_id, heard), self._loop)
        try:
            while (item := heard.get()) is not None:
                yield item
            hearing.result()
        except DaemonUnavailable as error:
            kept = f"the task is kept: `ratchet tasks watch {task_id}` follows it again"
            raise DaemonUnavailable(error.message, hint=kept, log=error.log) from error
        finally:
            hearing.cancel()

    async def _hear_all(self, task_id: str, heard: "queue.Queue[tuple[str, Item] | None]") -> None:
        """Put down what a task and its children say, and None at the end of all of them."""
        try:
            async with asyncio.TaskGroup() as family:
                await self._hear(task_id, heard, family)
        except ExceptionGroup as group:
            raise group.exceptions[0] from None
        finally:
            heard.put(None)

    async def _hear(
        self, task_id: str, heard: "queue.Queue[tuple[str, Item] | None]", family: asyncio.TaskGroup
    ) -> None:
        known: set[str] = set()
        async for item in self._client.events(task_id):
            heard.put((task_id, item))
            if isinstance(item, Event) and isinstance(item.body, GroupsSplit):
                for child in set(item.body.children) - known:
                    family.create_task(self._hear(child, heard, family))
                known.update(item.body.children)

    def cancel(self, task_id: str) -> None:
        """Stop a task for good; from any thread."""
        self._done(self._client.cancel(task_id))

    def resolve(self, task_id: str, approval_id: str, decision: Decision) -> None:
        """Answer what a task asks; from any thread."""
        answer = self._client.approve if decision is Decision.ALLOW else self._client.deny
        self._done(answer(task_id, approval_id))

    def find(self, text: str) -> str:
        """Return the id that a text stands for."""
        from agent.cli.tasks.ids import resolve

        return self._done(resolve(self._client, text))

    async def _settle(self) -> None:
        """End whatever still waits for the daemon."""
        waiting = asyncio.all_tasks() - {asyncio.current_task()}
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await self._loop.shutdown_asyncgens()
        await self._client.__aexit__(None, None, None)

    def _done(self, job: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(job, self._loop).result()
