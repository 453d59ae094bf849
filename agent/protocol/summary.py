"""A task as lists show it."""

from enum import StrEnum

from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind
from agent.protocol.value import Value


class Status(StrEnum):
    """Where a task stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """For an approval."""
    PAUSED = "paused"
    FINISHED = "finished"


class TaskSummary(Value):
    """One line of `ratchet tasks list`."""

    task_id: str
    kind: TaskKind
    repository: str
    status: Status
    priority: int
    created_at: int
    """Seconds since the epoch, as is `updated_at`."""
    updated_at: int
    seq: int
    """Of the newest event."""
    step: str = ""
    """Key of the newest recorded step."""
    outcome: Outcome | None = None
    reason: str = ""
    parent: str | None = None
    cost_usd: float = 0.0
    seconds: float = 0.0
    """Worked on so far."""


class TaskPage(Value):
    """A part of the list, newest first; `cursor` leads to the next, None at the end."""

    tasks: tuple[TaskSummary, ...]
    cursor: str | None = None
