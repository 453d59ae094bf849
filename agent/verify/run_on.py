"""One run of a check on one tree, in a sandbox of its own."""

import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

from agent.protocol.check import Check, Run
from agent.protocol.errors import Interrupted
from agent.protocol.progress import OnProgress, Progress, silent
from agent.verify.printed import Printed
from agent.verify.run_check import run_check
from agent.verify.workbench import Workbench

PROCESSORS = 2
"""How many one run needs for itself; with fewer, tests that depend on their timing fail now and then."""


def run_on(
    workbench: Workbench,
    tree: str,
    check: Check,
    *,
    select: tuple[str, ...] = (),
    seconds: float,
    test_seconds: float,
    env: Mapping[str, str] | None = None,
    on_progress: OnProgress = silent,
    phase: str = "verify",
    cancel: threading.Event | None = None,
) -> Run:
    """Run a check on a tree in a fresh sandbox; raises IsolationUnavailable or EnvironmentFailed.

    `on_progress` is told in `phase` what it prints meanwhile, and how many tests ran.
    """
    with closing(workbench.open(tree)) as sandbox, Printed(on_progress, phase) as printed:
        run = run_check(
            sandbox,
            check,
            python=workbench.python,
            select=select,
            seconds=seconds,
            test_seconds=test_seconds,
            env=env,
            on_output=printed if on_progress is not silent else None,
            cancel=cancel,
        )
    on_progress(Progress(phase=phase, message=f"{check.name}: {len(run.tests)} tests"))
    return run


@dataclass(frozen=True, slots=True)
class Order:
    """A run that is wanted."""

    workbench: Workbench
    tree: str
    check: Check
    select: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bench:
    """What every run of one measurement shares; `deadline` is of `time.monotonic()`."""

    test_seconds: float
    deadline: float
    on_progress: OnProgress
    cancel: threading.Event
    processors: int = field(default_factory=lambda: os.cpu_count() or 1)

    @property
    def left(self) -> float:
        """Return the seconds until the deadline."""
        return self.deadline - time.monotonic()

    def run(self, order: Order) -> Run:
        """Do one run; raises Interrupted when the user cancelled before or during it."""
        self.stop_when_cancelled()
        run = run_on(
            order.workbench,
            order.tree,
            order.check,
            select=order.select,
            seconds=max(1.0, self.left),
            test_seconds=self.test_seconds,
            env=order.env,
            on_progress=self.on_progress,
            cancel=self.cancel,
        )
        self.stop_when_cancelled()
        return run

    def stop_when_cancelled(self) -> None:
        """Raise Interrupted when the user cancelled."""
        if self.cancel.is_set():
            raise Interrupted("cancelled")

    def run_all(self, orders: tuple[Order, ...]) -> tuple[Run, ...]:
        """Do runs, side by side where each has processors enough."""
        together = max(1, self.processors // PROCESSORS)
        with ThreadPoolExecutor(max_workers=together, thread_name_prefix="ratchet verify") as sides:
            return tuple(sides.map(self.run, orders))
