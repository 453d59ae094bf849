"""Follows tasks from wherever they run: prints what happens, hands cancels on, and collects the reports."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any, Protocol

import click

from agent.cli.terminal import one_line
from agent.protocol.control import ApprovalRequested, ApprovalResolved, PauseRequested
from agent.protocol.errors import RatchetError
from agent.protocol.event import Event, TaskFinished
from agent.protocol.outcome import Outcome, exit_code
from agent.protocol.policy import Answer, Approval, Decision
from agent.protocol.progress import OnProgress, Progress
from agent.protocol.report import Report, report
from agent.protocol.state import TaskState, advance
from agent.protocol.task import TaskSpec

Item = Event | Progress
_SHOW_CURSOR = b"\x1b[?25h\n"
"""A live line hides it, and whoever leaves at once takes no leave of it."""


class Tasks(Protocol):
    """Where tasks run: this process, or the daemon."""

    def create(self, spec: TaskSpec) -> str:
        """Record a task and return its id."""

    def items(self, task_id: str) -> Iterator[tuple[str, Item]]:
        """Yield every event of a task from the first, and updates meanwhile, with its id; ends with it.

        The same of the tasks that it is split into, together or one after the other, as they run.
        """

    def cancel(self, task_id: str) -> None:
        """Stop a task for good; called from a thread of its own. Raises RatchetError."""

    def resolve(self, task_id: str, approval_id: str, decision: Decision) -> None:
        """Answer what a task asks; called from a thread of its own. Raises RatchetError."""


class Approver(Protocol):
    """Who deals with what a task asks of a person."""

    def ask(self, task_id: str, approval: Approval) -> None:
        """Take a question; returns at once."""

    def settled(self, task_id: str, answer: Answer) -> None:
        """Hear that a question was answered, here or elsewhere."""

    def ended(self, task_id: str) -> None:
        """Hear that a task has ended: whatever it asked is asked no more."""


class Signpost:
    """The Approver where nobody types: says where the answer can be given."""

    def ask(self, task_id: str, approval: Approval) -> None:
        """Say what is asked, and by which command it is answered."""
        click.echo(f"waiting: {one_line(approval.reason, 400)}", err=True)
        click.echo(f"hint: `ratchet tasks approve {task_id}` or `ratchet tasks deny {task_id}`", err=True)

    def settled(self, task_id: str, answer: Answer) -> None:
        """Say how it was answered."""
        click.echo(one_line(f"answered: {answer.decision} by {answer.by}"), err=True)

    def ended(self, task_id: str) -> None:
        """Say nothing: the report does."""


@dataclass(frozen=True, slots=True)
class Shown:
    """How the items of a task reach the user."""

    event: Callable[[Event], None]
    progress: OnProgress
    approver: Approver


class Follower:
    """The state of a task as its items come in, each shown once."""

    def __init__(self, shown: Shown) -> None:
        self.state = TaskState()
        self._shown = shown

    def take(self, item: Item) -> None:
        """Take the next item; an event that was seen before changes nothing."""
        if isinstance(item, Progress):
            self._shown.progress(item)
        elif item.seq > self.state.seq:
            self._shown.event(item)
            self.state = advance(self.state, item)
            self._tell(item)

    def _tell(self, event: Event) -> None:
        match event.body:
            case ApprovalRequested(approval=approval):
                self._shown.approver.ask(event.task_id, approval)
            case ApprovalResolved(answer=answer):
                self._shown.approver.settled(event.task_id, answer)
            case TaskFinished():
                self._shown.approver.ended(event.task_id)
            case PauseRequested(by=by):
                hint = f"by {by}; `ratchet tasks resume {event.task_id}` goes on"
                self._shown.progress(Progress(phase="paused", message=hint))


def follow(tasks: Tasks, task_id: str, shown: Shown, begin: Callable[[str], None]) -> list[Report]:
    """Follow a task and those that its failures are split into; returns their reports, its own first.

    `begin` hears of each of them as soon as it is known to run.
    """
    begin(task_id)
    family = {task_id: Follower(shown)}
    for one, item in tasks.items(task_id):
        if one not in family:
            begin(one)
            family[one] = Follower(shown)
        # Updates of several tasks in one line would be read as those of a single one.
        if isinstance(item, Event) or one == _eldest(family):
            family[one].take(item)
    ordered = [task_id, *(family[task_id].state.children or ())]
    return [report(family[one].state) for one in ordered if one in family]


def _eldest(family: Mapping[str, Follower]) -> str:
    """Return the task that has been followed for the longest time and has not ended."""
    running = (one for one, follower in family.items() if follower.state.finished is None)
    return next(running, "")


class CancelledBySignals:
    """Cancels the tasks at hand on the first SIGINT, SIGTERM or SIGHUP; a second one ends the process."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._task_ids: list[str] = []
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
        """Say that a signal is for this task, too; so is one that came before."""
        self._task_ids.append(task_id)
        if self._asked.is_set():
            self._cancel(task_id)

    def _stop(self, number: int, _: FrameType | None) -> None:
        if self._asked.is_set():
            if os.isatty(2):
                os.write(2, _SHOW_CURSOR)
            os._exit(exit_code(Outcome.INTERRUPTED))
        self._asked.set()

    def _wait(self) -> None:
        self._asked.wait()
        if not self._over:
            click.echo("cancelling; containers are taken down (again to quit at once)", err=True)
            for task_id in list(self._task_ids):
                self._cancel(task_id)

    def _cancel(self, task_id: str) -> None:
        try:
            self._tasks.cancel(task_id)
        except RatchetError as error:
            # It ended meanwhile, or the reader of its items meets the same trouble.
            click.echo(f"ratchet: {one_line(error.message)}", err=True)
