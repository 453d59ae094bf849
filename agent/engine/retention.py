"""What is kept of finished tasks, and for how long."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, select

from agent.engine import blobs
from agent.engine.database import Database
from agent.engine.schema import BLOBS, EVENTS, TASKS
from agent.engine.store import forget
from agent.protocol.summary import Status

_BATCH = 100
"""Tasks forgotten in one transaction, so that nobody waits long for the database."""


@dataclass(frozen=True, slots=True)
class Keep:
    """How long finished tasks are kept; None means without a bound."""

    days: float | None = 30.0
    """Since their last event."""
    bytes: int | None = 2 * 1024**3
    """Of events and blobs as they are stored; the oldest finished tasks go first."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What a pruning removed."""

    tasks: tuple[str, ...]
    blobs: int


def prune(database: Database, keep: Keep) -> Pruned:
    """Forget finished tasks that are too old or too much; raises StoreUnavailable.

    Open tasks stay, and so do the parents and the children of open ones.
    """
    forgotten: list[str] = []
    collected = 0
    while batch := _next_batch(database, keep):
        forgotten += batch
        with database.write() as connection:
            collected += blobs.collect(connection)
    if not forgotten:
        with database.write() as connection:
            collected = blobs.collect(connection)
    if forgotten or collected:
        database.shrink()
    return Pruned(tuple(forgotten), collected)


def stored_bytes(database: Database) -> int:
    """Return how much the events and blobs of all tasks take, without indexes."""
    with database.read() as connection:
        bodies = connection.scalar(select(func.sum(func.length(EVENTS.c.body)))) or 0
        data = connection.scalar(select(func.sum(func.length(BLOBS.c.data)))) or 0
    return int(bodies) + int(data)


def _next_batch(database: Database, keep: Keep) -> Sequence[str]:
    """Forget some tasks and return their ids; none when all bounds hold."""
    if keep.days is not None:
        limit = int(time.time() - keep.days * 86400)
        batch = _forget_oldest(database, TASKS.c.updated_at < limit)
        if batch:
            return batch
    if keep.bytes is not None and stored_bytes(database) > keep.bytes:
        return _forget_oldest(database)
    return ()


def _forget_oldest(database: Database, *wanted: ColumnElement[bool]) -> Sequence[str]:
    finished = TASKS.c.status == Status.FINISHED
    oldest = select(TASKS.c.task_id).where(finished, ~_is_kin_of_open(), *wanted)
    oldest = oldest.order_by(TASKS.c.updated_at, TASKS.c.number).limit(_BATCH)
    with database.write() as connection:
        # Locked, so that none of them is begun again before it is gone.
        batch = connection.scalars(oldest.with_for_update()).all()
        forget(connection, batch)
    return batch


def _is_kin_of_open() -> ColumnElement[bool]:
    kin = TASKS.alias()
    related = (kin.c.parent == TASKS.c.task_id) | (kin.c.task_id == TASKS.c.parent)
    return select(kin.c.number).where(and_(related, kin.c.status != Status.FINISHED)).exists()
