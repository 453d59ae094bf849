"""Whose turn it is: by priority, then by the repository served longest ago, then by age."""

import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from agent.engine.database import Database
from agent.engine.holds import Holds, is_held
from agent.engine.lease import Lease, Owner, Signal
from agent.engine.pace import Pace
from agent.engine.schema import SHARES, TASKS
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
        self._turns = turns
        self._skipped: set[str] = set()
        self._busy = False
        """The last look found a task, so the next one probably will."""
        self._holds = Holds(database, owners, TASKS.c.task_id, pace.silent)

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
            mine = connection.execute(select(TASKS.c.priority).where(is_held(lease))).first()
            # The place that this task takes in its repository would be free by then.
            waiting = self._next(connection, beside=lease.task_id)
        return mine is None or (waiting is not None and waiting.priority < mine.priority)

    def renew(self, lease: Lease) -> Signal:
        """Give a sign of life, and learn what is wanted."""
        with self._database.write() as connection:
            self._holds.beat(connection, lease)
            return _signal(connection, lease)

    def signal(self, lease: Lease) -> Signal:
        """Learn what is wanted of the owner."""
        with self._database.read() as connection:
            return _signal(connection, lease)

    def release(self, lease: Lease, *, blame: bool = False) -> bool:
        """Give the task back; False, and nothing happens, when it was taken away before.

        With `blame` this try counts as one of a dead owner.
        """
        return self._holds.release(lease, **({} if blame else {"tries": 0}))

    def recover(self) -> tuple[str, ...]:
        """Free the tasks of dead owners, and of those silent for `pace.silent` seconds; returns their ids."""
        return self._holds.recover()

    def waiting(self) -> int:
        """Return how many tasks could be claimed now."""
        with self._database.read() as connection:
            return count_ready(connection, self._turns, self._skipped)

    def _next(self, connection: Connection, beside: str = "") -> Row[Any] | None:
        return next_turn(connection, self._turns, self._skipped, beside)


def _signal(connection: Connection, lease: Lease) -> Signal:
    row = connection.execute(select(TASKS.c.status, TASKS.c.cancelled).where(is_held(lease))).first()
    if row is None:
        return Signal.LOST
    if row.cancelled:
        return Signal.CANCEL
    return Signal.PAUSE if row.status == Status.PAUSED else Signal.GO_ON
