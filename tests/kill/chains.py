"""The failpoints, in chains: each link kills the daemon once on the way of one task to its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.kill.triggers import Trigger, after, before

_STORE = "agent.engine.store"
_TASKS = "agent.tasks"


@dataclass(frozen=True, slots=True)
class Chain:
    """One task, and the points at which it is interrupted, in the order in which it meets them."""

    triggers: tuple[Trigger, ...]
    dirty: bool = False
    spec: Mapping[str, Any] = field(default_factory=dict)


def recorded(kind: str) -> tuple[Trigger, Trigger]:
    """Return the points right before and right after the commit of an event."""
    return after(f"{_STORE}:_insert", kind), after(f"{_STORE}:TaskStore.append", kind)


DANGEROUS = Chain(
    (
        after(f"{_STORE}:TaskStore.create"),
        after("agent.engine.queue:Queue.claim", "Lease"),
        after("agent.engine.checkpoints:Checkpoints.save"),
        recorded("VerdictReached")[0],
        after("agent.repo.branch:_send_objects"),
        after("agent.repo.branch:_create_ref"),
        before("agent.repo.delivery:replace_file"),
        after("agent.repo.delivery:replace_file"),
        before("agent.engine.outbox:Outbox._record"),
        recorded("TaskFinished")[0],
    ),
    spec={"apply": True},
)
