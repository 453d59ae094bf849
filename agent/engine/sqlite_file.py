"""The SQLite file: durable at every commit, with a fair turn for each process that writes."""

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, event

from agent.engine.errors import StoreUnavailable
from agent.patient_sqlite import patiently

FILE = "ratchet.db"
BUSY_SECONDS = 30.0
"""How long another process may hold SQLite's one lock before this one gives up."""
_FIRST_WAIT = 0.008
_PATIENCE = 0.2
"""Seconds after which a process asks twice as often as one that has just come."""


def open_file(directory: Path, busy_seconds: float) -> sqlalchemy.Engine:
    """Return an engine on the file in a directory, which is made; raises StoreUnavailable."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreUnavailable(
            f"{directory} cannot be made: {error.strerror}", hint="set RATCHET_STATE_DIR to a writable folder"
        ) from None
    url = sqlalchemy.URL.create("sqlite", database=str(directory / FILE))
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": busy_seconds, "isolation_level": None})
    event.listen(engine, "connect", lambda connection, _: _prepare(connection, busy_seconds))
    event.listen(engine, "begin", lambda connection: _begin(connection, busy_seconds))
    return engine


def _prepare(connection: Any, busy_seconds: float) -> None:
    # auto_vacuum holds only when it is set before the first table is made.
    for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        patiently(connection, f"PRAGMA {pragma}", busy_seconds)


def _begin(connection: Connection, busy_seconds: float) -> None:
    if not connection.get_execution_options().get("writes"):
        connection.exec_driver_sql("BEGIN")
        return
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA busy_timeout=0")
    try:
        _take_turn(connection, driver, busy_seconds)
    finally:
        driver.execute(f"PRAGMA busy_timeout={int(busy_seconds * 1000)}")


def _take_turn(connection: Connection, driver: sqlite3.Connection, busy_seconds: float) -> None:
    """Become the writer. SQLite's own waiting grows to 100 ms between two looks, so that whoever has
    waited longest is the least likely to be next; here a process asks the more often the longer it waits.
    """
    began = time.monotonic()
    while True:
        waited = time.monotonic() - began
        if waited >= busy_seconds:
            break
        try:
            # A reader that turns writer half-way fails at once when somebody else wrote meanwhile.
            driver.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                break
        time.sleep(_FIRST_WAIT / (1 + waited / _PATIENCE) + 0.0005)
    # Once more in SQLAlchemy's hands, which explains the error.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
