"""What the engine runs, and what it lends to those who run it: the swap point between the two."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from agent.engine.checkpoints import Checkpoints
from agent.engine.outbox import Outbox
from agent.engine.store import Created, Facts
from agent.protocol.event import Body, Event
from agent.protocol.progress import OnProgress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskSpec


@dataclass(frozen=True, slots=True)
class Hold:
    """What the owner of a task works with while the lease lasts."""

    task_id: str
    interrupt: threading.Event
    """Set when the step should stop soon: cancelled, paused, shutting down or fenced off."""
    checkpoints: Checkpoints
    outbox: Outbox
    on_progress: OnProgress
    split: Callable[[TaskSpec, str, Facts], Created]
    """Create a further task, once for each id: (spec, task id, facts known already)."""
    recall: Callable[[str], TaskState | None] = field(default=lambda _: None)
    """Returns another task as it stands; None when there is no such task."""
    cancelled: Callable[[], bool] = field(default=lambda: False)
    """Says whether `interrupt` is for good; else the step is not recorded and runs again later."""
    cancel_place: Callable[[str, str], int] = field(default=lambda place, by: 0)
    """Cancels the open tasks about a place of a forge that are older than this one: (place, by whom).

    Returns how many.
    """


class Performer(Protocol):
    """One task in work; what is costly to set up is kept from step to step."""

    def perform(self, state: TaskState, step_key: str) -> Body | None:
        """Run the step and return what to record; None when it was interrupted and has to run again."""

    @property
    def uncounted(self) -> float:
        """Seconds of the newest step that do not count against the task's time limit."""

    def close(self) -> None:
        """Take down whatever runs for the task."""


class Story(Protocol):
    """The kinds of task and their steps."""

    def next_step(self, state: TaskState) -> str | None:
        """Return the key of the step that follows; None when the task is finished or has to wait."""

    def open(self, state: TaskState, hold: Hold) -> Performer:
        """Begin or go on with a task."""


class Listener(Protocol):
    """Hears what an engine does while it does it."""

    def on_event(self, event: Event) -> None:
        """Take an event that was just recorded."""

    def on_progress(self, task_id: str, update: object) -> None:
        """Take a live update, which is stored nowhere."""


class Engine(Protocol):
    """Runs the steps of queued tasks until it is stopped; the port in front of queue and leases."""

    def serve(self, story: Story, stop: threading.Event) -> None:
        """Run one step after the other; returns soon after `stop` is set, with no lease held."""

    def wake(self) -> None:
        """Say that a task was queued, so that it need not wait for the next look."""
