"""Leases in the rows of a table: signs of life, giving back, and taking back from owners who are gone."""

from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update
from sqlalchemy.sql.schema import Column

from agent.engine.database import Database
from agent.engine.lease import Fence, dead_owners
from agent.engine.sightings import Sightings


class Holds:
    """The columns `token`, `owner` and `beat` of a table whose rows are known by `key`.

    `owners` is the folder of the owners' lock files; it belongs to this table of one database alone.
    """

    def __init__(self, database: Database, owners: Path, key: Column[Any], silent_seconds: float) -> None:
        self._database = database
        self._owners = owners
        self._key = key
        self._columns = key.table.c
        self._table = key.table
        self._sightings = Sightings(silent_seconds)

    def beat(self, connection: Connection, lease: Fence) -> None:
        """Give a sign of life."""
        columns = self._columns
        connection.execute(update(lease.table).where(is_held(lease)).values(beat=columns.beat + 1))

    def release(self, lease: Fence, **changed: object) -> bool:
        """Give it back; False, and nothing happens, when it was taken away before."""
        free = {"token": None, "owner": None, **changed}
        with self._database.write() as connection:
            return connection.execute(update(lease.table).where(is_held(lease)).values(**free)).rowcount > 0

    def recover(self) -> tuple[str, ...]:
        """Free what dead and silent owners hold, and return the keys of that.

        An owner on this machine counts as dead when its lock is free; any other when its beat
        stood still for so many seconds of our own monotonic clock, whatever the wall clocks say.
        """
        # In this order, because a dead owner can take nothing more.
        dead = dead_owners(self._owners)
        columns = self._columns
        query = select(self._key.label("name"), columns.token, columns.owner, columns.beat)
        with self._database.read() as connection:
            held = connection.execute(query.where(columns.token.is_not(None))).all()
        silent = self._sightings.silent({(row.name, row.token): row.beat for row in held})
        lost = [row for row in held if (row.name, row.token) in silent or row.owner in dead]
        freed = tuple(row.name for row in lost if self._free_if_silent(row))
        for name in dead:
            (self._owners / name).unlink(missing_ok=True)
        return freed

    def _free_if_silent(self, row: Row[Any, Any, Any, Any]) -> bool:
        columns = self._columns
        same = (self._key == row.name) & (columns.token == row.token) & (columns.beat == row.beat)
        free = update(self._table).where(same).values(token=None, owner=None)
        with self._database.write() as connection:
            return connection.execute(free).rowcount > 0


def is_held(lease: Fence) -> ColumnElement[bool]:
    """Return the condition that is true for the lease's row while the lease lasts."""
    return lease.row & (lease.table.c.token == lease.token)
