"""Follows tasks from wherever they run: prints what happens, hands cancels on, and collects the reports."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Protocol

import click

from agent.cli.terminal import one_line
from agent.protocol.control import ApprovalRequested
from agent.protocol.errors import RatchetError
from agent.protocol.event import Event
from agent.protocol.outcome import Outcome, exit_code
from agent.protocol.progress import OnProgress, Progress
from agent.protocol.report import Report, report
from agent.protocol.state import TaskState, advance
from agent.protocol.task import TaskSpec

Item = Event | Progress


class Tasks(Protocol):
    """Where tasks run: this process, or the daemon."""

    def create(self, spec: TaskSpec) -> str:
        """Record a task and return its id."""

    def items(self, task_id: str) -> Iterator[Item]:
        """Yield every event of a task from the first, and updates meanwhile; ends when the task does."""

    def cancel(self, task_id: str) -> None:
        """Stop a task for good; called from a thread of its own. Raises RatchetError."""


class Follower:
    """The state of a task as its items come in, each shown once."""

    def __init__(self, show_event: Callable[[Event], None], show_progress: OnProgress) -> None:
        self.state = TaskState()
        self._show_event = show_event
        self._show_progress = show_progress

    def take(self, item: Item) -> None:
        """Take the next item; an event that was seen before changes nothing."""
        if isinstance(item, Progress):
            self._show_progress(item)
        elif item.seq > self.state.seq:
            self._show_event(item)
            self.state = advance(self.state, item)
            if isinstance(item.body, ApprovalRequested):
                self._say_what_is_asked(item.task_id, item.body)

    @staticmethod
    def _say_what_is_asked(task_id: str, asked: ApprovalRequested) -> None:
        click.echo(f"waiting: {one_line(asked.approval.reason)}", err=True)
        click.echo(f"hint: `ratchet tasks approve {task_id}` or `ratchet tasks deny {task_id}`", err=True)


def follow(
    tasks: Tasks, spec: TaskSpec, show_event: Callable[[Event], None], show_progress: OnProgress
) -> list[Report]:
    """Run a task and those that its failures are split into; returns their reports, its own first."""
    reports = []
    with CancelledBySignals(tasks) as signals:
        waiting = [tasks.create(spec)]
        for task_id in waiting:
            signals.turn_to(task_id)
            follower = Follower(show_event, show_progress)
            for item in tasks.items(task_id):
                follower.take(item)
            reports.append(report(follower.state))
            waiting.extend(follower.state.children or ())
    return reports


class CancelledBySignals:
    """Cancels the task at hand on the first SIGINT, SIGTERM or SIGHUP; a second one ends the process."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._task_id = ""
        self._asked = threading.Event()
        self._over = False
        # A signal handler may interrupt anything, so that all it does itself is to wake this thread.
        self._canceller = threading.Thread(target=self._wait, name="ratchet cancel", daemon=True)
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "CancelledBySignals":
        self._canceller.start()
        watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        self._before = {number: signal.signal(number, self._stop) for number in watched}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._over = True
        self._asked.set()
        self._canceller.join()

    def turn_to(self, task_id: str) -> None:
        """Say which task a signal is for; one that came before is for this one too."""
        self._task_id = task_id
        if self._asked.is_set():
            self._cancel()

    def _stop(self, number: int, _: FrameType | None) -> None:
        if self._asked.is_set():
            os._exit(exit_code(Outcome.INTERRUPTED))
        self._asked.set()

    def _wait(self) -> None:
        self._asked.wait()
        if not self._over:
            click.echo("cancelling; containers are taken down (again to quit at once)", err=True)
            self._cancel()

    def _cancel(self) -> None:
        if not self._task_id:
            return
        try:
            self._tasks.cancel(self._task_id)
        except RatchetError as error:
            # It ended meanwhile, or the reader of its items meets the same trouble.
            click.echo(f"ratchet: {one_line(error.message)}", err=True)
