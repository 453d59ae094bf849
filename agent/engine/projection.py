"""What the row of a task says, as its events have it."""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.engine.errors import LogUnreadable
from agent.protocol.control import (
    ApprovalRequested,
    ApprovalResolved,
    CancelRequested,
    PauseRequested,
    PriorityChanged,
    ResumeRequested,
    RetryRequested,
)
from agent.protocol.event import Event, ProposalMade, TaskFinished, TaskSubmitted, TriggerAdmitted
from agent.protocol.summary import Status

Columns = Mapping[str, Any]


def first_row(event: Event, submitted: TaskSubmitted) -> dict[str, Any]:
    """Return the row of a task that has just been submitted."""
    spec = submitted.spec
    return {
        "task_id": event.task_id,
        "kind": spec.kind,
        "repository": spec.home,
        "parent": spec.parent,
        "affinity": spec.machine,
        "priority": spec.priority,
        "deadline": spec.deadline,
        "place": None if spec.trigger is None else spec.trigger.place,
        "status": Status.QUEUED,
        "cancelled": False,
        "paused": False,
        "approvals": 0,
        "outcome": None,
        "reason": "",
        "seconds": event.seconds,
        "cost_usd": 0.0,
        "created_at": event.recorded_at,
        **_newest(event),
    }


def row_of(events: Sequence[Event]) -> dict[str, Any]:
    """Return the row of a task as all its events have it; raises LogUnreadable."""
    first = events[0]
    if not isinstance(first.body, TaskSubmitted):
        raise LogUnreadable(
            f"task {first.task_id} does not begin with its request", hint="see `ratchet doctor`"
        )
    row = first_row(first, first.body)
    for event in events[1:]:
        row |= next_row(row, event)
    return row


def next_row(row: Columns, event: Event) -> dict[str, Any]:
    """Return the columns that an event changes in a task's row."""
    changed = {
        "seconds": row["seconds"] + event.seconds,
        "cost_usd": row["cost_usd"] + _cost(event),
        **_newest(event),
        **_flags(row, event),
    }
    return {**changed, "status": _status({**row, **changed})}


def _newest(event: Event) -> dict[str, Any]:
    return {"seq": event.seq, "step": event.step_key, "updated_at": event.recorded_at, "tries": 0}


def _flags(row: Columns, event: Event) -> dict[str, Any]:
    match event.body:
        case TaskFinished() as end:
            return {"outcome": end.outcome, "reason": end.reason}
        case TriggerAdmitted(spec=spec):
            # From now on there is a copy on the machine that asked the forge.
            return {"affinity": spec.machine}
        case CancelRequested():
            return {"cancelled": True}
        case PauseRequested():
            return {"paused": True}
        case ResumeRequested():
            return {"paused": False}
        case ApprovalRequested():
            return {"approvals": row["approvals"] + 1}
        case ApprovalResolved():
            return {"approvals": max(0, row["approvals"] - 1)}
        case PriorityChanged(priority=priority):
            return {"priority": priority}
        case RetryRequested():
            fresh = {"cancelled": False, "paused": False, "approvals": 0}
            return {**fresh, "outcome": None, "reason": "", "seconds": 0.0}
        case _:
            return {}


def _status(row: Columns) -> Status:
    if row["outcome"] is not None:
        return Status.FINISHED
    # A cancelled task has to run once more, to its end, whatever it waited for.
    if row["cancelled"]:
        return Status.QUEUED
    if row["paused"]:
        return Status.PAUSED
    return Status.WAITING if row["approvals"] else Status.QUEUED


def _cost(event: Event) -> float:
    return event.body.proposal.effort.cost_usd if isinstance(event.body, ProposalMade) else 0.0
