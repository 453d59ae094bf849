"""The publisher process: started when tasks are to be shown on a forge, woken, ended when there are none."""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Any, Protocol

from agent.daemon.logs import Log
from agent.daemon.settings import Settings
from agent.daemon.worker_link import WorkerLink
from agent.engine.errors import StoreUnavailable
from agent.engine.publications import Backlog

LOOK_SECONDS = 5.0
SHORTEST_LOOK = 0.2
"""However many events there are."""
STOP_SECONDS = 8.0
HOPELESS_SECONDS = 3600.0
"""A daemon that has nothing else to do does not stay for a forge that fails for so long."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0


class Publishable(Protocol):
    """What has to be known about tasks that are to be shown."""

    async def backlog(self) -> Backlog:
        """Free what dead publishers hold, and return what is still to be shown."""

    async def without_forge(self) -> str:
        """Return one sentence why no forge can be asked, e.g. that a key is missing; empty when one can."""


class Publishing:
    """Looks after the one publisher process; lives in the event loop's thread."""

    def __init__(self, settings: Settings, tasks: Publishable, log: Log) -> None:
        self._settings = settings
        self._tasks = tasks
        self._log = log
        self._link: WorkerLink | None = None
        self._serving: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._stopping = False
        self._deaths = 0
        self._not_before = 0.0
        self._idle_since = time.monotonic()
        self._fails_since: float | None = None
        self.problem = ""
        """One sentence when tasks cannot be shown."""
        self.has_work = False
        """Something is still to be shown, and there is hope that it can be."""

    def wake(self) -> None:
        """Say that something happened that may have to be shown."""
        self._changed.set()

    async def run(self) -> None:
        """Start and end the process as needed, until cancelled."""
        while True:
            self._changed.clear()
            with contextlib.suppress(StoreUnavailable):
                await self._adjust()
            await asyncio.sleep(SHORTEST_LOOK)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._changed.wait()

    async def stop(self) -> None:
        """End the process; what it did not get to is left to the next one."""
        self._stopping = True
        if self._link is None or self._serving is None:
            return
        self._link.stop()
        done, _ = await asyncio.wait([self._serving], timeout=STOP_SECONDS)
        if not done:
            self._link.kill()
            await asyncio.wait([self._serving])

    async def _adjust(self) -> None:
        backlog = await self._tasks.backlog()
        now = time.monotonic()
        failing = self._fails_since is not None and now - self._fails_since > HOPELESS_SECONDS
        self.has_work = backlog.tasks > 0 and not failing
        if not backlog.tasks:
            self._over()
        is_due = backlog.seconds is not None and backlog.seconds < LOOK_SECONDS
        if is_due:
            await self._work(now)
        if is_due or backlog.held:
            self._idle_since = now
        elif now - self._idle_since > self._settings.worker_idle_seconds and self._link is not None:
            self._link.stop()

    async def _work(self, now: float) -> None:
        if self._link is not None:
            self._link.wake()
        elif not self._stopping and now >= self._not_before:
            missing = await self._tasks.without_forge()
            if missing:
                self._failed(missing)
            else:
                await self._start()

    async def _start(self) -> None:
        module = "agent.daemon.publisher_process"
        try:
            self._link = await WorkerLink.start_module(module, self._settings, self._log)
        except OSError as error:
            self._failed(f"the publisher process cannot be started: {error.strerror}")
            return
        self._log.info("publisher started", worker=self._link.pid)
        self._serving = asyncio.create_task(self._serve(self._link))

    async def _serve(self, link: WorkerLink) -> None:
        status = await link.serve(self._said)
        self._log.info("publisher ended", worker=link.pid, status=status)
        if not link.asked_to_stop:
            self._failed(f"the publisher process ended with status {status}; see `ratchet daemon logs`")
        self._link = None
        self._changed.set()

    def _said(self, _: WorkerLink, line: Mapping[str, Any]) -> None:
        match line:
            case {"problem": ""}:
                self._over()
            case {"problem": str(problem)}:
                self._note(problem)

    def _failed(self, problem: str) -> None:
        self._deaths += 1
        pause = min(_FIRST_PAUSE * 2.0 ** min(self._deaths - 1, 10), _LONGEST_PAUSE)
        self._not_before = time.monotonic() + pause
        self._log.error(problem, pause=pause)
        self._note(problem)

    def _over(self) -> None:
        self._deaths, self.problem, self._fails_since = 0, "", None

    def _note(self, problem: str) -> None:
        self.problem = f"tasks are not shown on their forge: {problem}"
        if self._fails_since is None:
            self._fails_since = time.monotonic()
