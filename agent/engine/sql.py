"""The few things that SQLite and PostgreSQL spell alike and SQLAlchemy does not."""

from collections.abc import Mapping
from enum import IntEnum
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table, func, select


class Lock(IntEnum):
    """What only one transaction may do at a time; the numbers are PostgreSQL's advisory lock keys."""

    CLAIM = 0x72617401
    BLOBS = 0x72617402
    TABLES = 0x72617403


def lock(connection: Connection, name: Lock, *, shared: bool = False) -> None:
    """Hold a lock to the end of the transaction; SQLite has one writer at a time anyway."""
    if connection.dialect.name != "sqlite":
        taken = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
        connection.execute(select(taken(int(name))))


def insert_missing(connection: Connection, table: Table, row: Mapping[str, Any]) -> Any:
    """Return an insert that does nothing when the row is there already."""
    return _insert(connection, table).values(**row).on_conflict_do_nothing()


def upsert(connection: Connection, table: Table, row: Mapping[str, Any]) -> Any:
    """Return an insert that replaces the row with the same primary key."""
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys}
    return _insert(connection, table).values(**row).on_conflict_do_update(index_elements=keys, set_=changed)


def _insert(connection: Connection, table: Table) -> Any:
    # By name: importing the dialect that is not in use would take part of every start.
    return import_module(f"sqlalchemy.dialects.{connection.dialect.name}").insert(table)
