"""Worker processes: started when tasks wait, woken, ended when idle, and killed when they do not listen."""

import asyncio
import contextlib
import json
import math
import time
from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any, Protocol

from agent.daemon.logs import Log
from agent.daemon.metrics import Metrics
from agent.daemon.settings import Settings
from agent.daemon.worker_link import Hold, WorkerLink
from agent.engine.errors import StoreUnavailable

CANCEL_SECONDS = 4.0
"""A worker that still holds a task this long after its cancel is killed."""
STOP_SECONDS = 8.0
"""A worker that is still there this long after it was asked to end is killed."""
LOOK_SECONDS = 1.0
RECOVER_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0


class Tasks(Protocol):
    """What a supervisor has to know about the queue."""

    async def waiting(self) -> int:
        """Return how many tasks could be taken now."""

    async def recover(self) -> int:
        """Free the tasks of dead owners and end those that waited for too long; returns how many it freed."""

    async def cancelled_elsewhere(self, task_ids: Collection[str]) -> Collection[str]:
        """Return those of the tasks that another daemon was asked to cancel."""

    async def reap(self) -> None:
        """Remove the sandboxes of dead owners."""


class Supervisor:
    """Keeps as many workers as there is work for; lives in the event loop's thread."""

    def __init__(
        self,
        settings: Settings,
        tasks: Tasks,
        *,
        on_event: Callable[[str, int], None],
        on_hold: Callable[[str], None],
        on_progress: Callable[[str, str], None],
        metrics: Metrics,
        log: Log,
    ) -> None:
        self._settings = settings
        self._tasks = tasks
        self._on_event = on_event
        self._on_hold = on_hold
        self._on_progress = on_progress
        self._metrics = metrics
        self._log = log
        self._workers: set[WorkerLink] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._stopping = self._hurried = False
        self._deaths = 0
        self._not_before = 0.0
        self._cancelled: dict[str, float] = {}
        """When tasks were cancelled, of late."""
        self._recover_at = 0.0
        self.problem = ""
        """One sentence when workers die or cannot be started."""

    @property
    def workers(self) -> int:
        """Return how many processes there are."""
        return len(self._workers)

    @property
    def busy(self) -> int:
        """Return how many of them hold a task."""
        return sum(worker.hold is not None for worker in self._workers)

    def held(self) -> frozenset[str]:
        """Return the tasks that they work on."""
        return frozenset(worker.hold.task_id for worker in self._workers if worker.hold)

    def wake(self) -> None:
        """Say that a task was queued."""
        self._changed.set()
        for worker in self._workers:
            if worker.hold is None:
                worker.wake()

    async def run(self) -> None:
        """Start and end workers as needed, until cancelled."""
        while True:
            self._changed.clear()
            with contextlib.suppress(StoreUnavailable):
                await self._recover_sometimes()
                await self._adjust()
                for task_id in await self._tasks.cancelled_elsewhere(self.held()):
                    self.enforce_cancel(task_id)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._changed.wait()

    def enforce_cancel(self, task_id: str) -> None:
        """End the worker that holds a cancelled task, or is about to, unless it lets go of it in time."""
        self._cancelled[task_id] = time.monotonic()
        for worker in self._workers:
            if worker.hold is not None and worker.hold.task_id == task_id:
                self._watch_cancelled(worker, worker.hold)

    def allow_again(self, task_id: str) -> None:
        """Forget that a task was cancelled: it was begun again."""
        self._cancelled.pop(task_id, None)

    async def stop(self, *, drain: bool) -> None:
        """End all workers: with `drain` after their tasks, else within STOP_SECONDS."""
        self._stopping = True
        if drain:
            for worker in self._workers:
                worker.drain()
            if await self._until_gone(None):
                return
        for worker in self._workers:
            worker.stop()
        if not await self._until_gone(STOP_SECONDS):
            for worker in self._workers:
                self._log.warning("worker killed: it did not stop", worker=worker.pid)
                worker.kill()
            await self._until_gone(STOP_SECONDS)

    def hurry(self) -> None:
        """Drain no longer: the workers end now."""
        self._hurried = True
        self._changed.set()

    async def _adjust(self) -> None:
        idle = sum(worker.hold is None and not worker.asked_to_stop for worker in self._workers)
        room = self._settings.workers - len(self._workers)
        if self._stopping or not (room > 0 or idle):
            return
        waiting = await self._tasks.waiting()
        if waiting > idle and room > 0 and time.monotonic() >= self._not_before:
            await self._start()
        elif not waiting:
            self._end_idle()

    def _end_idle(self) -> None:
        long_ago = time.monotonic() - self._settings.worker_idle_seconds
        for worker in self._workers:
            if worker.hold is None and worker.idle_since < long_ago and not worker.asked_to_stop:
                worker.stop()
        self._cancelled = {task: at for task, at in self._cancelled.items() if at > long_ago}

    async def _start(self) -> None:
        try:
            worker = await WorkerLink.start(self._settings, self._log)
        except OSError as error:
            self._failed(f"a worker process cannot be started: {error.strerror}")
            return
        self._workers.add(worker)
        self._metrics.workers.set(len(self._workers))
        self._log.info("worker started", worker=worker.pid)
        self._spawn(self._serve(worker))
        # There may be work for one more.
        self._changed.set()

    async def _serve(self, worker: WorkerLink) -> None:
        status = await worker.serve(self._said)
        self._workers.discard(worker)
        self._metrics.workers.set(len(self._workers))
        self._log.info("worker ended", worker=worker.pid, status=status)
        if not worker.asked_to_stop or status != 0:
            await self._died(worker, status)
        self._changed.set()

    async def _died(self, worker: WorkerLink, status: int) -> None:
        self._metrics.worker_deaths.inc()
        if worker.worked:
            self._deaths = 0
        if not worker.asked_to_stop:
            self._failed(f"a worker process ended with status {status}")
        with contextlib.suppress(StoreUnavailable):
            await self._recover()
        await self._tasks.reap()

    async def _recover_sometimes(self) -> None:
        """Notice that an owner fell silent, of which perhaps no other daemon is left to speak."""
        if time.monotonic() >= self._recover_at:
            await self._recover()
            self._recover_at = time.monotonic() + RECOVER_SECONDS

    async def _recover(self) -> None:
        self._metrics.leases_lost.inc(await self._tasks.recover())

    def _failed(self, what: str) -> None:
        self._deaths += 1
        pause = min(_FIRST_PAUSE * 2 ** (self._deaths - 1), _LONGEST_PAUSE)
        self._not_before = time.monotonic() + pause
        self.problem = f"{what}, {self._deaths} in a row; see `ratchet daemon logs`"
        self._log.error(what, pause=pause, deaths=self._deaths)

    def _watch_cancelled(self, worker: WorkerLink, hold: Hold) -> None:
        if not hold.is_cancelled:
            hold.is_cancelled = True
            self._spawn(self._kill_unless_released(worker, hold))

    async def _kill_unless_released(self, worker: WorkerLink, hold: Hold) -> None:
        await asyncio.sleep(CANCEL_SECONDS)
        if worker.hold is hold:
            self._log.warning("worker killed: a cancelled step went on", task_id=hold.task_id)
            # A death that we brought about says nothing against the next worker.
            worker.asked_to_stop = True
            worker.kill()

    async def _until_gone(self, seconds: float | None) -> bool:
        """Wait for the end of all workers; without a time until somebody is in a hurry."""
        try:
            async with asyncio.timeout(seconds):
                while self._workers and not (seconds is None and self._hurried):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass
        return not self._workers

    def _said(self, worker: WorkerLink, line: Mapping[str, Any]) -> None:
        match line:
            case {"task_id": str(task_id), "seq": int(seq), "type": str(kind), "seconds": seconds}:
                worker.worked = True
                self._deaths, self.problem = 0, ""
                self._metrics.step(kind, float(seconds))
                self._on_event(task_id, seq)
            case {"task_id": str(task_id), "progress": progress}:
                self._on_progress(task_id, json.dumps(progress))
            case {"holds": str(task_id)}:
                worker.hold = Hold(task_id)
                self._on_hold(task_id)
                if time.monotonic() - self._cancelled.get(task_id, -math.inf) < CANCEL_SECONDS:
                    # It was cancelled between being taken and being announced.
                    self._watch_cancelled(worker, worker.hold)
            case {"holds": None}:
                worker.hold, worker.idle_since = None, time.monotonic()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._log.error("looking after a worker failed", exc_info=error)
