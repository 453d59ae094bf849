"""Whose turn it is: by priority, then by the repository served longest ago, then by age."""

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, or_, select, update

from agent.engine.database import Database
from agent.engine.lease import Lease, Owner, Signal, is_dead
from agent.engine.schema import SHARES, TASKS
from agent.engine.sql import upsert
from agent.protocol.summary import Status

LEASE_SECONDS = 30.0
"""A lease whose owner gave no sign for this long is taken away."""


@dataclass(frozen=True, slots=True)
class Turns:
    """Which tasks an owner may take."""

    machine: str
    per_repository: int = 2
    """Tasks of one repository that may be worked on at the same time."""
    only: Collection[str] | None = None
    """Ids of tasks; None means any."""


class Queue:
    """Hands out leases on queued tasks and takes back those of dead owners."""

    def __init__(self, database: Database, owners: Path, turns: Turns) -> None:
        self._database = database
        self._owners = owners
        self._turns = turns
        self._sightings = Sightings()

    def claim(self, owner: Owner) -> Lease | None:
        """Take the task whose turn it is; None when there is none."""
        with self._database.read() as connection:
            if connection.execute(self._next()).first() is None:
                return None
        with self._database.write(exclusive=True) as connection:
            row = connection.execute(self._next()).first()
            if row is None:
                return None
            lease = Lease(row.task_id, secrets.token_hex(16), owner.name, row.tries + 1)
            held = {"token": lease.token, "owner": owner.name, "beat": 0, "tries": lease.tries}
            connection.execute(update(TASKS).where(TASKS.c.task_id == row.task_id).values(**held))
            served = (connection.scalar(select(func.max(SHARES.c.served))) or 0) + 1
            share = {"repository": row.repository, "served": served}
            connection.execute(upsert(connection, SHARES, share))
        return lease

    def must_yield(self, lease: Lease) -> bool:
        """Say whether a task of higher priority waits, or this one is not to go on."""
        with self._database.read() as connection:
            mine = connection.execute(select(TASKS.c.priority).where(_is(lease))).first()
            waiting = connection.execute(self._next()).first()
        return mine is None or (waiting is not None and waiting.priority < mine.priority)

    def renew(self, lease: Lease) -> Signal:
        """Give a sign of life, and learn what is wanted."""
        with self._database.write() as connection:
            connection.execute(update(TASKS).where(_is(lease)).values(beat=TASKS.c.beat + 1))
            return _signal(connection, lease)

    def signal(self, lease: Lease) -> Signal:
        """Learn what is wanted of the owner."""
        with self._database.read() as connection:
            return _signal(connection, lease)

    def release(self, lease: Lease) -> None:
        """Give the task back; nothing happens when it was taken away before."""
        with self._database.write() as connection:
            free = {"token": None, "owner": None, "tries": 0}
            connection.execute(update(TASKS).where(_is(lease)).values(**free))

    def recover(self) -> tuple[str, ...]:
        """Free the tasks of dead and silent owners, and return their ids.

        An owner on this machine counts as dead when its lock is free; any other when its beat
        stood still for LEASE_SECONDS of our own monotonic clock, whatever the wall clocks say.
        """
        with self._database.read() as connection:
            held = connection.execute(select(TASKS).where(TASKS.c.token.is_not(None))).all()
        silent = self._sightings.silent({(row.task_id, row.token): row.beat for row in held})
        lost = [row for row in held if (row.task_id, row.token) in silent or self._died(row.owner)]
        freed = [row.task_id for row in lost if self._free_if_silent(row)]
        for row in lost:
            if self._died(row.owner):
                (self._owners / row.owner).unlink(missing_ok=True)
        return tuple(freed)

    def waiting(self) -> int:
        """Return how many tasks could be claimed now."""
        with self._database.read() as connection:
            ready = self._next().limit(None).order_by(None).subquery()
            return connection.scalar(select(func.count()).select_from(ready)) or 0

    def _died(self, owner: str) -> bool:
        return is_dead(self._owners, owner)

    def _free_if_silent(self, row: Row[Any]) -> bool:
        with self._database.write() as connection:
            same = (
                (TASKS.c.task_id == row.task_id) & (TASKS.c.token == row.token) & (TASKS.c.beat == row.beat)
            )
            freed = connection.execute(update(TASKS).where(same).values(token=None, owner=None))
            return freed.rowcount > 0

    def _next(self) -> "Select[tuple[str, str, int, int]]":
        busy = (
            select(TASKS.c.repository)
            .where(TASKS.c.token.is_not(None))
            .group_by(TASKS.c.repository)
            .having(func.count() >= self._turns.per_repository)
        )
        query = (
            select(TASKS.c.task_id, TASKS.c.repository, TASKS.c.priority, TASKS.c.tries)
            .outerjoin(SHARES, SHARES.c.repository == TASKS.c.repository)
            .where(
                TASKS.c.status == Status.QUEUED,
                TASKS.c.token.is_(None),
                or_(TASKS.c.affinity.is_(None), TASKS.c.affinity == self._turns.machine),
                TASKS.c.repository.not_in(busy),
            )
            .order_by(TASKS.c.priority, func.coalesce(SHARES.c.served, 0), TASKS.c.number)
            .limit(1)
        )
        return query if self._turns.only is None else query.where(TASKS.c.task_id.in_(self._turns.only))


@dataclass(slots=True)
class Sightings:
    """Since when each lease was seen with the same beat."""

    _seen: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)

    def silent(self, beats: dict[tuple[str, str], int]) -> set[tuple[str, str]]:
        """Return the leases that did not beat for LEASE_SECONDS."""
        now = time.monotonic()
        known = self._seen
        self._seen = {
            lease: known[lease] if lease in known and known[lease][0] == beat else (beat, now)
            for lease, beat in beats.items()
        }
        return {lease for lease, (_, since) in self._seen.items() if now - since >= LEASE_SECONDS}


def _is(lease: Lease) -> ColumnElement[bool]:
    return (TASKS.c.task_id == lease.task_id) & (TASKS.c.token == lease.token)


def _signal(connection: Connection, lease: Lease) -> Signal:
    row = connection.execute(select(TASKS.c.status, TASKS.c.cancelled).where(_is(lease))).first()
    if row is None:
        return Signal.LOST
    if row.cancelled:
        return Signal.CANCEL
    return Signal.PAUSE if row.status == Status.PAUSED else Signal.GO_ON
