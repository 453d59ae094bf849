"""The state of a task as a pure fold of its events; every view starts from here."""

from collections.abc import Iterable
from functools import reduce

from agent.protocol.check import Check, Run
from agent.protocol.event import (
    BaselineMeasured,
    EditsApplied,
    EditsRefused,
    Event,
    LocationsRanked,
    PatchDelivered,
    ProposalMade,
    SandboxInForce,
    SnapshotTaken,
    TaskFinished,
    TaskSubmitted,
    VerdictReached,
)
from agent.protocol.patch import Patch, Snapshot
from agent.protocol.proposal import Effort, Proposal, Suspect
from agent.protocol.task import TaskSpec
from agent.protocol.value import Value
from agent.protocol.verdict import Verdict


class TaskState(Value):
    """Everything known about a task; None and empty mean "not yet"."""

    task_id: str = ""
    seq: int = 0
    spec: TaskSpec | None = None
    snapshot: Snapshot | None = None
    head_tree: str | None = None
    checks: tuple[Check, ...] = ()
    environment: str = ""
    sandbox: SandboxInForce | None = None
    baseline: tuple[Run, ...] | None = None
    suspects: tuple[Suspect, ...] | None = None
    proposals: int = 0
    proposal: Proposal | None = None
    exhausted: str = ""
    """Why the planner gave up."""
    timed_out: bool = False
    effort: Effort = Effort()
    """Spent by all proposals so far."""
    patch: Patch | None = None
    """Of the newest proposal that could be applied."""
    refusal: str = ""
    """Why the newest proposal could not be applied."""
    verdict: Verdict | None = None
    """Of the newest patch; None again as soon as another patch is made."""
    delivered: PatchDelivered | None = None
    finished: TaskFinished | None = None


def fold(events: Iterable[Event]) -> TaskState:
    """Return the state after all events, in order."""
    return reduce(advance, events, TaskState())


def advance(state: TaskState, event: Event) -> TaskState:
    """Return the state after one more event; an unknown event changes nothing but `seq`."""
    changed = {"task_id": event.task_id, "seq": event.seq, **_change(state, event)}
    return state.model_copy(update=changed)


def _change(state: TaskState, event: Event) -> dict[str, object]:
    match event.body:
        case TaskSubmitted(spec=spec):
            return {"spec": spec}
        case SnapshotTaken(snapshot=snapshot, head_tree=head_tree):
            return {"snapshot": snapshot, "head_tree": head_tree}
        case BaselineMeasured() as body:
            return {
                "checks": body.checks,
                "environment": body.environment,
                "sandbox": body.sandbox,
                "baseline": body.runs,
            }
        case LocationsRanked(suspects=suspects):
            return {"suspects": suspects}
        case ProposalMade(exhausted="") as body:
            fresh = {"proposal": body.proposal, "refusal": "", "patch": None, "verdict": None}
            return {**fresh, **_spent(state, body)}
        case ProposalMade() as body:
            # Giving up keeps the newest patch: the work so far is not lost.
            return {"exhausted": body.exhausted, "timed_out": body.timed_out, **_spent(state, body)}
        case EditsApplied(patch=patch):
            return {"patch": patch, "verdict": None}
        case EditsRefused(reason=reason):
            return {"refusal": reason}
        case VerdictReached(verdict=verdict):
            return {"verdict": verdict}
        case PatchDelivered() as body:
            return {"delivered": body}
        case TaskFinished() as body:
            return {"finished": body}
        case _:
            return {}


def _spent(state: TaskState, body: ProposalMade) -> dict[str, object]:
    return {"proposals": state.proposals + 1, "effort": state.effort.plus(body.proposal.effort)}
