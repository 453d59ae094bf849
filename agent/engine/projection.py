"""What the row of a task says, as its events have it."""

from typing import Any

from agent.protocol.control import (
    ApprovalRequested,
    ApprovalResolved,
    CancelRequested,
    PauseRequested,
    PriorityChanged,
    ResumeRequested,
    RetryRequested,
)
from agent.protocol.event import Event, ProposalMade, TaskFinished, TaskSubmitted
from agent.protocol.summary import Status


def projected(event: Event) -> dict[str, Any]:
    """Return the columns of `tasks` that an event changes, without the sums."""
    match event.body:
        case TaskSubmitted(spec=spec, key=key):
            return {
                "key": key,
                "kind": spec.kind,
                "repository": spec.repository,
                "parent": spec.parent,
                "affinity": spec.machine,
                "priority": spec.priority,
                "status": Status.QUEUED,
                "created_at": event.recorded_at,
            }
        case TaskFinished() as end:
            return {"status": Status.FINISHED, "outcome": end.outcome, "reason": end.reason}
        case CancelRequested():
            # A waiting or paused task has to run once more, to its end.
            return {"cancelled": True, "status": Status.QUEUED}
        case PauseRequested():
            return {"status": Status.PAUSED}
        case ResumeRequested() | ApprovalResolved():
            return {"status": Status.QUEUED}
        case ApprovalRequested():
            return {"status": Status.WAITING}
        case PriorityChanged(priority=priority):
            return {"priority": priority}
        case RetryRequested():
            fresh = {"cancelled": False, "outcome": None, "reason": "", "seconds": 0.0}
            return {"status": Status.QUEUED, **fresh}
        case _:
            return {}


def cost(event: Event) -> float:
    """Return the US dollars that an event adds."""
    return event.body.proposal.effort.cost_usd if isinstance(event.body, ProposalMade) else 0.0
