"""What goes on about a place of a forge, such as a pull request."""

import contextlib

from sqlalchemy import select

from agent.engine.control import Control
from agent.engine.database import Database
from agent.engine.errors import LogUnreadable, NoSuchTask, NotPossible
from agent.engine.schema import OPEN, PUBLICATIONS, TASKS
from agent.engine.store import TaskStore
from agent.protocol.event import Event
from agent.protocol.task import TaskKind


def cancel_place(store: TaskStore, place: str, *, before: str, by: str) -> dict[str, list[Event]]:
    """Cancel the open tasks about a place that are older than the task `before`; raises StoreUnavailable.

    Returns the events that this led to, by task. Tasks that only answer somebody are left to end.
    """
    own = select(TASKS.c.number).where(TASKS.c.task_id == before).scalar_subquery()
    # There, as a workflow run does not always say which pull request it is about.
    about = select(PUBLICATIONS.c.task_id).where(PUBLICATIONS.c.place == place.lower())
    works = TASKS.c.task_id.in_(about) & (TASKS.c.kind != TaskKind.REPLY)
    older = select(TASKS.c.task_id).where(OPEN, works, TASKS.c.number < own).order_by(TASKS.c.number)
    with store.database.read() as connection:
        found = connection.scalars(older).all()
    control, led_to = Control(store), dict[str, list[Event]]()
    for task_id in found:
        # One that ends by itself at this moment is not cancelled any more.
        with contextlib.suppress(NotPossible, NoSuchTask, LogUnreadable):
            led_to[task_id] = control.cancel(task_id, by=by)
    return led_to


def still_to_show(database: Database) -> frozenset[str]:
    """Return the repositories (`owner/name`, lower case) for whose forge something is still to be made."""
    wanted = PUBLICATIONS.c.shown < PUBLICATIONS.c.wanted
    with database.read() as connection:
        return frozenset(connection.scalars(select(PUBLICATIONS.c.repository).where(wanted).distinct()))
