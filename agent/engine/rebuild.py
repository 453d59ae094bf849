"""Rows of tasks made again from the events, which are the truth."""

from sqlalchemy import Connection, select

from agent.engine.log import read_log
from agent.engine.projection import row_of
from agent.engine.schema import EVENTS, TASKS
from agent.engine.sql import insert_missing


def restore(connection: Connection, task_id: str) -> bool:
    """Make the row of a task unless it is there; False when no event knows the task."""
    events = read_log(connection, task_id)
    if events:
        connection.execute(insert_missing(connection, TASKS, row_of(events)))
    return bool(events)


def rebuild(connection: Connection) -> int:
    """Make all rows that are missing, the oldest task's first; returns how many."""
    missing = without_row(connection)
    for task_id in missing:
        restore(connection, task_id)
    return len(missing)


def without_row(connection: Connection) -> list[str]:
    """Return the tasks that only events know, oldest first."""
    known = select(TASKS.c.task_id).where(TASKS.c.task_id == EVENTS.c.task_id).exists()
    lost = select(EVENTS.c.task_id).where(EVENTS.c.seq == 1, ~known)
    return list(connection.scalars(lost.order_by(EVENTS.c.recorded_at, EVENTS.c.task_id)))
