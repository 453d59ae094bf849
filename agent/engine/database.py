"""One database for all processes: a SQLite file, or PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy import Connection, exc

from agent.engine import migrations
from agent.engine.errors import StoreUnavailable
from agent.engine.hints import hint_for
from agent.engine.sql import Lock, lock
from agent.engine.sqlite_file import BUSY_SECONDS, open_file
from agent.protocol.errors import UsageError

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
        engine = open_file(place, busy_seconds) if isinstance(place, Path) else _postgres(place)
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
