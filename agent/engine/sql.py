"""The few statements that SQLite and PostgreSQL spell alike and SQLAlchemy does not."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_missing(connection: Connection, table: Table, row: Mapping[str, Any]) -> Any:
    """Return an insert that does nothing when the row is there already."""
    return _insert(connection, table).values(**row).on_conflict_do_nothing()


def upsert(connection: Connection, table: Table, row: Mapping[str, Any]) -> Any:
    """Return an insert that replaces the row with the same primary key."""
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in row.items() if name not in keys}
    return _insert(connection, table).values(**row).on_conflict_do_update(index_elements=keys, set_=changed)


def _insert(connection: Connection, table: Table) -> Any:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
