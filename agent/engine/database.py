"""One database for all processes: a SQLite file, or PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, event, exc

from agent.engine import migrations
from agent.engine.errors import StoreUnavailable
from agent.engine.hints import hint_for
from agent.engine.sql import Lock, lock
from agent.protocol.errors import UsageError

FILE = "ratchet.db"
BUSY_SECONDS = 30.0
"""How long another process may hold SQLite's one lock before this one gives up."""
_CONNECT_SECONDS = 10
_PAGES_AT_ONCE = 2000


class Database:
    """Transactions on the tables of `schema`; usable from all threads."""

    def __init__(self, engine: sqlalchemy.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, place: Path | str, *, busy_seconds: float = BUSY_SECONDS) -> "Database":
        """Open, and make or upgrade, the database at a directory or a PostgreSQL URL.

        Raises StoreUnavailable.
        """
        engine = _sqlite(place, busy_seconds) if isinstance(place, Path) else _postgres(place)
        database = cls(engine)
        try:
            database.create_tables()
        except BaseException:
            database.close()
            raise
        return database

    @property
    def is_sqlite(self) -> bool:
        """True for the file, which has one writer at a time."""
        return self._engine.dialect.name == "sqlite"

    @property
    def where(self) -> str:
        """Name the database for messages, without its password."""
        url = self._engine.url
        if self.is_sqlite:
            return url.database or ""
        return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)

    def create_tables(self) -> int:
        """Make or upgrade what is missing or old; returns how many rows were made from events.

        Raises StoreUnavailable, also when a newer Ratchet made the tables.
        """
        with self.read() as connection:
            if migrations.is_current(connection):
                return 0
        with self.write() as connection:
            return migrations.upgrade(connection, self.where)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads; raises StoreUnavailable."""
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self, *, exclusive: bool = False) -> Iterator[Connection]:
        """Open a transaction that writes; `exclusive` ones wait for each other. Raises StoreUnavailable."""
        with self._explained(), self._engine.connect() as opened:
            connection = opened.execution_options(writes=True)
            with connection.begin():
                if exclusive:
                    lock(connection, Lock.CLAIM)
                yield connection

    def shrink(self) -> None:
        """Give the pages that pruning freed back to the file system; raises StoreUnavailable.

        PostgreSQL uses them again by itself.
        """
        if not self.is_sqlite:
            return
        while self._free_pages():
            pass
        with self._explained(), self._engine.connect() as outside_transactions:
            plain = outside_transactions.execution_options(isolation_level="AUTOCOMMIT")
            plain.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _free_pages(self) -> bool:
        """Free a portion, because each keeps the other writers waiting; False when that was the last."""
        with self.write() as connection:
            before = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
            driver = connection.connection.driver_connection
            assert driver is not None
            # It frees one page a row, and the rows have no column: SQLAlchemy would not fetch them.
            driver.execute(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})").fetchall()
            left = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        return bool(0 < left < before)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except exc.IntegrityError:
            raise
        except exc.DataError as error:
            raise UsageError(
                f"the database cannot keep this text: {_first_line(error)}", hint="leave NUL bytes out"
            ) from error
        except exc.DBAPIError as error:
            raise StoreUnavailable(f"{self.where}: {_first_line(error)}", hint=hint_for(error)) from error
        except exc.TimeoutError as error:
            raise StoreUnavailable(
                f"{self.where}: all connections are in use", hint="try again in a moment"
            ) from error


def _sqlite(directory: Path, busy_seconds: float) -> sqlalchemy.Engine:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreUnavailable(
            f"{directory} cannot be made: {error.strerror}", hint="set RATCHET_STATE_DIR to a writable folder"
        ) from None
    url = sqlalchemy.URL.create("sqlite", database=str(directory / FILE))
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": busy_seconds, "isolation_level": None})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    # auto_vacuum holds only when it is set before the first table is made.
    for pragma in ("auto_vacuum=INCREMENTAL", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A reader that turns writer half-way fails at once when somebody else wrote meanwhile.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres(url: str) -> sqlalchemy.Engine:
    try:
        parsed = sqlalchemy.make_url(url)
    except exc.ArgumentError:
        parsed = None
    if parsed is None or parsed.drivername not in ("postgresql", "postgres", "postgresql+psycopg"):
        raise StoreUnavailable(
            "RATCHET_DATABASE_URL is no PostgreSQL URL", hint="write postgresql://user@host/database"
        )
    return sqlalchemy.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        connect_args={"connect_timeout": _CONNECT_SECONDS},
    )


def _first_line(error: exc.DBAPIError) -> str:
    return str(error.orig).strip().split("\n")[0]
