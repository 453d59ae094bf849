"""Whose turn it is: by priority, then by the repository served longest ago, then by age."""

import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from agent.engine.database import Database
from agent.engine.lease import Lease, Owner, Signal, dead_owners
from agent.engine.pace import Pace
from agent.engine.schema import SHARES, TASKS
from agent.engine.sightings import Sightings
from agent.engine.sql import upsert
from agent.engine.turns import Turns, count_ready, next_turn
from agent.protocol.summary import Status

_USUAL = Pace()


class Queue:
    """Hands out leases on queued tasks and takes back those of dead owners.

    `owners` is the folder of the owners' lock files; it belongs to one database alone.
    """

    def __init__(self, database: Database, owners: Path, turns: Turns, pace: Pace = _USUAL) -> None:
        self.pace = pace
        self._database = database
        self._owners = owners
        self._turns = turns
        self._skipped: set[str] = set()
        self._busy = False
        """The last look found a task, so the next one probably will."""
        self._sightings = Sightings(pace.silent)

    def claim(self, owner: Owner) -> Lease | None:
        """Take the task whose turn it is; None when there is none."""
        if not self._busy:
            # A look costs the others nothing; the claim itself makes them wait.
            with self._database.read() as connection:
                if self._next(connection) is None:
                    return None
        with self._database.write(exclusive=True) as connection:
            row = self._next(connection)
            self._busy = row is not None
            if row is None:
                return None
            lease = Lease(row.task_id, secrets.token_hex(16), owner.name, row.tries + 1)
            held = {"token": lease.token, "owner": owner.name, "beat": 0, "tries": lease.tries}
            connection.execute(update(TASKS).where(TASKS.c.task_id == row.task_id).values(**held))
            newest = select(func.coalesce(func.max(SHARES.c.served), 0) + 1).scalar_subquery()
            share = {"repository": row.repository, "served": newest}
            connection.execute(upsert(connection, SHARES, share))
        return lease

    def skip(self, task_id: str) -> None:
        """Leave a task to others from now on."""
        self._skipped.add(task_id)

    def must_yield(self, lease: Lease) -> bool:
        """Say whether a task of higher priority waits, or this one is not to go on."""
        with self._database.read() as connection:
            mine = connection.execute(select(TASKS.c.priority).where(_is(lease))).first()
            # The place that this task takes in its repository would be free by then.
            waiting = self._next(connection, beside=lease.task_id)
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

    def release(self, lease: Lease, *, blame: bool = False) -> bool:
        """Give the task back; False, and nothing happens, when it was taken away before.

        With `blame` this try counts as one of a dead owner.
        """
        free = {"token": None, "owner": None, **({} if blame else {"tries": 0})}
        with self._database.write() as connection:
            return connection.execute(update(TASKS).where(_is(lease)).values(**free)).rowcount > 0

    def recover(self) -> tuple[str, ...]:
        """Free the tasks of dead and silent owners, and return their ids.

        An owner on this machine counts as dead when its lock is free; any other when its beat
        stood still for `pace.silent` seconds of our own monotonic clock, whatever the wall clocks say.
        """
        # In this order, because a dead owner can take no further task.
        dead = dead_owners(self._owners)
        with self._database.read() as connection:
            columns = (TASKS.c.task_id, TASKS.c.token, TASKS.c.owner, TASKS.c.beat)
            held = connection.execute(select(*columns).where(TASKS.c.token.is_not(None))).all()
        silent = self._sightings.silent({(row.task_id, row.token): row.beat for row in held})
        lost = [row for row in held if (row.task_id, row.token) in silent or row.owner in dead]
        freed = tuple(row.task_id for row in lost if self._free_if_silent(row))
        for name in dead:
            (self._owners / name).unlink(missing_ok=True)
        return freed

    def waiting(self) -> int:
        """Return how many tasks could be claimed now."""
        with self._database.read() as connection:
            return count_ready(connection, self._turns, self._skipped)

    def _next(self, connection: Connection, beside: str = "") -> Row[Any] | None:
        return next_turn(connection, self._turns, self._skipped, beside)

    def _free_if_silent(self, row: Row[Any, Any, Any, Any]) -> bool:
        same = (TASKS.c.task_id == row.task_id) & (TASKS.c.token == row.token) & (TASKS.c.beat == row.beat)
        with self._database.write() as connection:
            return connection.execute(update(TASKS).where(same).values(token=None, owner=None)).rowcount > 0


def _is(lease: Lease) -> ColumnElement[bool]:
    return (TASKS.c.task_id == lease.task_id) & (TASKS.c.token == lease.token)


def _signal(connection: Connection, lease: Lease) -> Signal:
    row = connection.execute(select(TASKS.c.status, TASKS.c.cancelled).where(_is(lease))).first()
    if row is None:
        return Signal.LOST
    if row.cancelled:
        return Signal.CANCEL
    return Signal.PAUSE if row.status == Status.PAUSED else Signal.GO_ON
