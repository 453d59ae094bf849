"""Which events of a task are to be shown on the forge that it came from, written down together with them."""

from sqlalchemy import Connection, insert, update

from agent.engine.schema import PUBLICATIONS
from agent.protocol.control import GroupsSplit, PriorityChanged, Steered
from agent.protocol.event import (
    EditsApplied,
    EditsRefused,
    Event,
    LocationsRanked,
    ProposalMade,
    TaskFinished,
    TriggerAdmitted,
    TurnTaken,
)
from agent.protocol.forge import Trigger

_WITHIN = (
    LocationsRanked,
    ProposalMade,
    TurnTaken,
    EditsApplied,
    EditsRefused,
    PriorityChanged,
    Steered,
    GroupsSplit,
)
"""Events between those that say how a task stands; the next one shows them, too."""


def will_be_shown(connection: Connection, task_id: str, trigger: Trigger) -> None:
    """Note that a task was begun on a forge."""
    # A forge takes names in any case.
    row = {"place": trigger.place.lower(), "repository": trigger.repository.lower(), "wanted": 1}
    connection.execute(insert(PUBLICATIONS).values(task_id=task_id, **row))


def is_to_show(connection: Connection, event: Event) -> None:
    """Note that a task has come further, if it has."""
    if isinstance(event.body, _WITHIN):
        return
    changed: dict[str, object] = {"wanted": event.seq, "tries": 0}
    match event.body:
        case TaskFinished():
            changed["not_before"] = 0.0
        case TriggerAdmitted(admission=admission, spec=spec) if admission.pull and spec.trigger:
            # A workflow run does not always say which pull request it is about.
            changed["place"] = f"{spec.trigger.repository}#{admission.pull.number}".lower()
    this = PUBLICATIONS.c.task_id == event.task_id
    connection.execute(update(PUBLICATIONS).where(this).values(**changed))
