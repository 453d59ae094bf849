"""Tier 3: every candidate as real bytes in a new process, one sandbox for each worker."""

import queue
import threading
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from agent.planners.planner import Problem
from agent.planners.search.pace import Pace
from agent.protocol.check import Run
from agent.protocol.errors import RatchetError
from agent.verify.run_check import run_check
from sandboxes.errors import SandboxError
from sandboxes.sandbox import Sandbox

_HANGING = 3
_START = 8.0


@dataclass(frozen=True, slots=True)
class FreshRun:
    """What a fresh process said about edited files; `run` is None when it never came to a run."""

    key: int
    run: Run | None
    seconds: float
    reason: str = ""


class FreshLane:
    """Runs tests on edited files in up to `workers` sandboxes that are kept open."""

    def __init__(self, problem: Problem, tests: tuple[str, ...], workers: int) -> None:
        self._problem = problem
        self._tests = tests
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="ratchet fresh")
        self._idle: queue.SimpleQueue[Sandbox] = queue.SimpleQueue()
        self._opened: list[Sandbox] = []
        self._stop = threading.Event()
        self._running: set[Future[FreshRun]] = set()
        self.workers = workers

    @property
    def busy(self) -> int:
        """Return how many runs are queued or running."""
        return len(self._running)

    def submit(self, key: int, new: Mapping[str, bytes], old: Mapping[str, bytes], bounds: Pace) -> None:
        """Queue a run with the `new` content of files; `old` is put back afterwards."""
        self._running.add(self._pool.submit(self._run, key, dict(new), dict(old), bounds))

    def finished(self, seconds: float) -> list[FreshRun]:
        """Return what finished, after waiting for at most `seconds`."""
        done, self._running = wait(self._running, seconds, return_when=FIRST_COMPLETED)
        return [future.result() for future in done]

    def close(self) -> None:
        """End all runs and take the sandboxes down."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for sandbox in self._opened:
            sandbox.close()

    def _run(self, key: int, new: dict[str, bytes], old: dict[str, bytes], bounds: Pace) -> FreshRun:
        began = time.monotonic()
        try:
            sandbox = self._take()
            sandbox.put(new)
            run = run_check(
                sandbox,
                self._problem.check,
                python=self._problem.workbench.python,
                select=self._tests,
                seconds=max(1.0, min(self._seconds(bounds), self._problem.deadline - began)),
                test_seconds=bounds.wall,
                cancel=self._stop,
            )
            sandbox.put(old)
            self._idle.put(sandbox)
        except (SandboxError, RatchetError) as error:
            # The sandbox is not used again; the next run opens another.
            return FreshRun(key, None, time.monotonic() - began, error.message)
        return FreshRun(key, run, time.monotonic() - began)

    def _seconds(self, bounds: Pace) -> float:
        """Return the time for all tests: that of the baseline with slack, and for some that hang."""
        known = self._problem.baseline.by_id()
        took = sum(known[test].seconds for test in self._tests if test in known)
        return _START + _HANGING * bounds.wall + 3 * took

    def _take(self) -> Sandbox:
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            sandbox = self._problem.workbench.open(self._problem.tree)
            self._opened.append(sandbox)
            return sandbox
