"""What the routes work with: the store, who follows it, and who works on it."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

import agent
from agent.daemon.changes import Changes
from agent.daemon.forge_key import without_forge
from agent.daemon.hub import Hub
from agent.daemon.logs import Log
from agent.daemon.metrics import Metrics
from agent.daemon.publishing import Publishing
from agent.daemon.settings import Settings
from agent.daemon.supervisor import Supervisor
from agent.engine.catalog import Catalog
from agent.engine.control import Control
from agent.engine.database import Database
from agent.engine.deadlines import expire
from agent.engine.errors import NoSuchTask, StoreUnavailable
from agent.engine.outbox import Result, made_by
from agent.engine.publications import EFFECT, Backlog, Publications
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.turns import Turns
from agent.protocol.api import API_VERSION, Health, MadeEffect, TaskPublication
from agent.protocol.event import Event
from agent.protocol.summary import Status

P = ParamSpec("P")
T = TypeVar("T")
_OWN_THREADS = 2
"""For the daemon's own look-ups, so that they never wait behind requests."""
_READERS = 3
"""More would only wait for the interpreter's lock, and make whoever has it wait as well."""
_STUDENTS = 2
_WRITERS = 3
"""A SQLite file has one writer; more than one who waits for it get it sooner, too many keep readers off."""


class Daemon:
    """One daemon's parts; all but the store's live in the event loop's thread."""

    def __init__(self, settings: Settings, database: Database, log: Log) -> None:
        self.settings = settings
        self.log = log
        self.started_at = int(time.time())
        self.database = database
        self.store = TaskStore(database)
        self.catalog = Catalog(database)
        self.control = Control(self.store)
        self.queue = Queue(
            database, settings.owners, Turns(settings.machine, per_repository=settings.per_repository)
        )
        self.metrics = Metrics()
        self.hub = Hub(self._read_events, self._read_newest)
        self.changes = Changes(
            partial(self.in_thread, self.catalog.present),
            partial(self.in_thread, self.catalog.marks),
            lambda task_ids: self.in_thread(self.catalog.summaries, task_ids),
        )
        self.supervisor = Supervisor(
            settings,
            self,
            on_event=self.publish,
            on_hold=self.changes.changed,
            on_progress=self.hub.progress,
            metrics=self.metrics,
            log=log,
        )
        self._publications = Publications(database, settings.publishers)
        self.publishing = Publishing(settings, self, log)
        self.stopping = asyncio.Event()
        """Set when the daemon is to end."""
        self.drains = False
        self.asked_at = time.monotonic()
        """When the newest request came."""
        self._own = CapacityLimiter(_OWN_THREADS)
        self._readers = CapacityLimiter(_READERS)
        self._writers = CapacityLimiter(_WRITERS)
        self._students = CapacityLimiter(_STUDENTS)
        self._reaping = asyncio.Lock()

    async def read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Look something up for a request."""
        return await _in_thread(self._readers, partial(work, *args, **kwargs))

    async def study(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Look something up that takes long, without holding up the other requests."""
        return await _in_thread(self._students, partial(work, *args, **kwargs))

    async def write(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Record something for a request."""
        return await _in_thread(self._writers, partial(work, *args, **kwargs))

    def publish(self, task_id: str, seq: int) -> None:
        """Tell everybody that a task has an event of this number."""
        self.hub.published(task_id, seq)
        self.changes.changed(task_id)
        self.publishing.wake()

    @property
    def followers(self) -> int:
        """Return how many streams are open."""
        return self.hub.subscribers + self.changes.watchers

    def spread(self, events: Sequence[Event]) -> None:
        """Tell everybody about events that a request led to."""
        for event in events:
            self.publish(event.task_id, event.seq)
        if events:
            self.supervisor.wake()

    def stop(self, *, drain: bool) -> None:
        """End the daemon: with `drain` after the tasks that run."""
        if self.stopping.is_set() and not drain:
            self.supervisor.hurry()
        self.drains = drain
        self.stopping.set()

    def health(self) -> Health:
        """Return who serves and whether there is work; the store being away is one of the problems."""
        problems = [said for said in (self.supervisor.problem, self.publishing.problem) if said]
        running = queued = 0
        try:
            counts = self.catalog.counts()
            running, queued = counts[Status.RUNNING], counts[Status.QUEUED]
        except StoreUnavailable as error:
            problems.append(f"{error.message}; {error.hint}")
        return Health(
            version=agent.__version__,
            api=API_VERSION,
            pid=os.getpid(),
            started_at=self.started_at,
            database=self.database.where,
            workers=self.supervisor.workers,
            running=running,
            queued=queued,
            idle=not (running or queued),
            problems=tuple(problems),
        )

    async def waiting(self) -> int:
        """Return how many tasks could be taken now."""
        return await self.in_thread(self.queue.waiting)

    async def recover(self) -> int:
        """Free the tasks of dead owners and end those that waited for too long; returns how many it freed."""
        freed = await self.in_thread(self.queue.recover)
        self.spread(await self.in_thread(expire, self.store))
        return len(freed)

    async def backlog(self) -> Backlog:
        """Free what dead publishers hold, and return what is still to be shown on forges."""
        return await self.in_thread(self._backlog)

    async def without_forge(self) -> str:
        """Return one sentence why no forge can be asked; empty when one can."""
        return await self.in_thread(without_forge)

    def publication(self, task_id: str) -> TaskPublication:
        """Return what a task shows on its forge; raises NoSuchTask."""
        self.catalog.summary(task_id)
        found = self._publications.of(task_id)
        if found is None:
            return TaskPublication(shown=True)
        made = made_by(self.database, task_id, EFFECT).items()
        return TaskPublication(
            shown=found.is_shown,
            left=found.is_left,
            problem=found.problem or ("" if found.is_shown else self.publishing.problem),
            effects=tuple(MadeEffect(name=name, **_told(result)) for name, result in made),
        )

    async def reap(self) -> None:
        """Remove the sandboxes of dead owners."""
        async with self._reaping:
            await self.run_apart("agent.daemon.reap")

    async def run_apart(self, module: str) -> str:
        """Let a program of ours work on the state directory; returns what it prints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", module, "--state", str(self.settings.state)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, said = (each.decode("utf-8", "replace").strip() for each in await process.communicate())
        if said or process.returncode:
            self.log.info("ran", module=module, text=said, status=process.returncode)
        return printed

    async def take_over(self, *, after_crash: bool) -> None:
        """Free and find again what the daemon before this one left behind."""
        with contextlib.suppress(StoreUnavailable):
            found = await self.in_thread(self.store.rebuild)
            freed = await self.recover()
            self.log.info("took over", rebuilt=found, freed=freed)
        self.supervisor.wake()
        if after_crash:
            await self.reap()

    async def cancelled_elsewhere(self, task_ids: Collection[str]) -> Collection[str]:
        """Return those of the tasks that another daemon was asked to cancel."""
        if self.database.is_sqlite:
            # Nobody else serves this file.
            return ()
        return await self.in_thread(self._cancelled, task_ids)

    async def in_thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something that blocks for the daemon itself."""
        return await _in_thread(self._own, partial(work, *args, **kwargs))

    async def _read_events(self, task_id: str, after: int) -> Sequence[Event]:
        return await self.in_thread(self.store.events, task_id, after)

    async def _read_newest(self, task_ids: Sequence[str]) -> dict[str, int]:
        return await self.in_thread(self._newest, task_ids)

    def _backlog(self) -> Backlog:
        self._publications.recover()
        return self._publications.backlog()

    def _cancelled(self, task_ids: Collection[str]) -> list[str]:
        return [task_id for task_id in task_ids if self.store.state(task_id).cancelled]

    def _newest(self, task_ids: Sequence[str]) -> dict[str, int]:
        found = {}
        for task_id in task_ids:
            try:
                found[task_id] = self.catalog.summary(task_id).seq
            except NoSuchTask:
                continue
        return found


def _told(result: Result) -> dict[str, str]:
    return {name: str(result.get(name) or "") for name in ("url", "failed")}


async def _in_thread(limiter: CapacityLimiter, work: Callable[[], T]) -> T:
    return await to_thread.run_sync(work, limiter=limiter)
