"""Tasks as the daemon has them, however often it goes and comes back."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from pydantic import ValidationError

from agent.client.client import Client
from agent.protocol.errors import RatchetError
from agent.protocol.event import Event
from agent.protocol.summary import TaskSummary
from tui.feed.feed import Hears, Link, LinkState
from tui.feed.task_log import TaskLog

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_TOO_NEW = LinkState(
    Link.DOWN, "the daemon says what this version does not understand", "close this and open it again"
)


class DaemonFeed:
    """A feed over a client, which its owner opens and closes."""

    def __init__(self, client: Client, hears: Hears) -> None:
        self._client = client
        self._hears = hears
        self._tasks: dict[str, TaskSummary] = {}
        self._logs: dict[str, TaskLog] = {}
        self._open: Counter[str] = Counter()
        self._following: dict[str, asyncio.Task[None]] = {}
        self._due: dict[str, TaskLog] = {}
        self._unread: dict[str, tuple[str, str]] = {}
        """Why an open task cannot be read, and what to do about it."""
        self._again = asyncio.Event()
        self._link = Link.CONNECTING

    def tasks(self) -> Sequence[TaskSummary]:
        """Return what is known of every task, newest first."""
        return [self._tasks[one] for one in sorted(self._tasks, reverse=True)]

    def log(self, task_id: str) -> TaskLog | None:
        """Return an open task, None before its first event was read."""
        return self._logs.get(task_id)

    def open(self, task_id: str) -> None:
        """Follow a task from its first event on."""
        self._open[task_id] += 1
        self._follow(task_id)

    def close(self, task_id: str) -> None:
        """Follow a task no longer, unless somebody else still does."""
        self._open[task_id] -= 1
        if self._open[task_id] > 0:
            return
        del self._open[task_id]
        self._logs.pop(task_id, None)
        if self._unread.pop(task_id, None) is not None:
            self._hears.linked(LinkState(self._link))
        following = self._following.pop(task_id, None)
        if following is not None:
            following.cancel()

    async def run(self) -> None:
        """Keep the list of tasks until cancelled."""
        pause = _FIRST_PAUSE
        while True:
            self._tell(LinkState(Link.CONNECTING))
            try:
                async for summary in self._client.changes(self._linked):
                    pause = _FIRST_PAUSE
                    self._take(summary)
            except RatchetError as error:
                self._tell(LinkState(Link.DOWN, error.message, error.hint))
            except ValidationError:
                self._tell(_TOO_NEW)
            await self._wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def again(self) -> None:
        """Look for the daemon now rather than after a pause."""
        self._again.set()

    async def _wait(self, seconds: float) -> None:
        self._again.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._again.wait()
        except TimeoutError:
            return

    def _linked(self, up: bool) -> None:
        if up:
            # What was said of a task before there was a link still holds.
            self._tell(LinkState(Link.UP, *next(iter(self._unread.values()), ())))
        elif self._link is Link.UP:
            self._tell(LinkState(Link.LOST, "the connection to the daemon is cut", "tasks go on meanwhile"))

    def _tell(self, state: LinkState) -> None:
        if state.link is not self._link or state.reason:
            self._link = state.link
            self._hears.linked(state)

    def _take(self, summary: TaskSummary) -> None:
        self._tasks[summary.task_id] = summary
        self._hears.listed(summary)
        log = self._logs.get(summary.task_id)
        # A task that is begun again goes on after its end.
        if summary.task_id in self._open and (log is None or summary.seq > log.state.seq):
            self._follow(summary.task_id)

    def _follow(self, task_id: str) -> None:
        if task_id in self._following:
            return
        following = asyncio.get_running_loop().create_task(self._read(task_id))
        self._following[task_id] = following
        following.add_done_callback(lambda done: self._ended(task_id, done))

    async def _read(self, task_id: str) -> None:
        log = self._logs.setdefault(task_id, TaskLog(task_id))
        try:
            async for item in self._client.events(task_id, after=log.state.seq):
                if isinstance(item, Event):
                    log.add(item)
                    self._soon(log)
                else:
                    self._hears.live(task_id, item)
        except RatchetError as error:
            # The next change of the task begins it anew.
            self._unread[task_id] = (error.message, error.hint)
            self._tell(LinkState(self._link, error.message, error.hint))

    def _ended(self, task_id: str, done: "asyncio.Task[None]") -> None:
        if self._following.get(task_id) is done:
            del self._following[task_id]
        if not done.cancelled():
            done.result()

    def _soon(self, log: TaskLog) -> None:
        """Tell of all events that came together at once."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self._tell_due)
        self._due[log.task_id] = log

    def _tell_due(self) -> None:
        due, self._due = self._due, {}
        for log in due.values():
            self._hears.changed(log)
