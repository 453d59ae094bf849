"""Ends tasks that wait for a person when the moment passes by which they were wanted."""

import contextlib
import time

from sqlalchemy import select

from agent.engine.errors import LogUnreadable, NoSuchTask
from agent.engine.schema import DUE, TASKS
from agent.engine.store import Facts, TaskStore
from agent.protocol.event import Event, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState


def expire(store: TaskStore) -> list[Event]:
    """Finish every task that nobody works on, that is not to go on by itself, and that is late.

    Returns the events; raises StoreUnavailable. Whoever works on a task minds its deadline himself.
    """
    late = select(TASKS.c.task_id).where(DUE, TASKS.c.deadline <= time.time())
    with store.database.read() as connection:
        found = connection.scalars(late).all()
    events: list[Event] = []
    for task_id in found:
        with contextlib.suppress(NoSuchTask, LogUnreadable):
            events += store.decide(task_id, _decide)
    return events


def _decide(state: TaskState, held: bool) -> Facts:
    waits = state.paused or state.open_approvals
    if held or state.finished or state.cancelled or not waits or not _is_late(state):
        return ()
    return ((state.step_key("finish"), _late(state)),)


def _is_late(state: TaskState) -> bool:
    deadline = state.spec.deadline if state.spec else None
    return deadline is not None and deadline <= time.time()


def _late(state: TaskState) -> TaskFinished:
    waited = "while it was paused" if state.paused else "before anybody answered what the task asks"
    kept = "the patch is in the report, on no branch; " if state.patch and not state.delivered else ""
    return TaskFinished(
        outcome=Outcome.BUDGET,
        reason=f"the deadline passed {waited}",
        hint=f"{kept}set a later --deadline and begin again",
        seconds=state.seconds,
    )
