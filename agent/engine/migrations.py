"""From the tables of an older Ratchet to those of this one."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, inspect, select

from agent.engine.errors import StoreUnavailable
from agent.engine.rebuild import rebuild
from agent.engine.schema import ENGINE_TABLES, META, METADATA, PUBLICATIONS, VERSION, VIEW_VERSION
from agent.engine.sql import Lock, lock, upsert

Step = Callable[[Connection], None]


def _make_publications(connection: Connection) -> None:
    # No task came from a forge before there was this table, so that none has a row to be made.
    PUBLICATIONS.create(connection)


STEPS: Mapping[int, Step] = {1: _make_publications}
"""By the version it leads away from, to the next one; each makes the tables that are new in that."""

_TRUTH = {table.name for table in METADATA.tables.values() if table not in ENGINE_TABLES}


def is_current(connection: Connection) -> bool:
    """Say whether every table is there and of this version."""
    if not set(METADATA.tables) <= set(inspect(connection).get_table_names()):
        return False
    return _versions(connection) == {"schema": VERSION, "views": VIEW_VERSION}


def upgrade(
    connection: Connection, where: str, *, steps: Mapping[int, Step] = STEPS, target: int = VERSION
) -> int:
    """Make or upgrade the tables, and the rows that follow from the events; returns how many of those.

    Raises StoreUnavailable when a newer Ratchet made them, or when one that cannot be rebuilt is gone.
    """
    lock(connection, Lock.TABLES)
    META.create(connection, checkfirst=True)
    found = _versions(connection)
    if "schema" in found:
        _step_up(connection, where, found["schema"], steps, target)
    if found.get("views", VIEW_VERSION) != VIEW_VERSION:
        METADATA.drop_all(connection, tables=list(ENGINE_TABLES))
    METADATA.create_all(connection)
    for name, value in (("schema", target), ("views", VIEW_VERSION)):
        connection.execute(upsert(connection, META, {"name": name, "value": str(value)}))
    return rebuild(connection)


def _step_up(
    connection: Connection, where: str, version: int, steps: Mapping[int, Step], target: int
) -> None:
    if version > target:
        raise StoreUnavailable(
            f"{where} was written by a newer Ratchet (schema {version}, this one knows {target})",
            hint="upgrade Ratchet, or choose another RATCHET_STATE_DIR or RATCHET_DATABASE_URL",
        )
    for number in range(version, target):
        steps[number](connection)
    gone = _TRUTH - set(inspect(connection).get_table_names())
    if gone:
        # An empty table in its place would look as if there had never been a task.
        raise StoreUnavailable(
            f"{where} has lost {', '.join(sorted(gone))}", hint="restore the database from a copy"
        )


def _versions(connection: Connection) -> dict[str, int]:
    return {row.name: int(row.value) for row in connection.execute(select(META))}
