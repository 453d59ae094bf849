"""One database for all processes: a SQLite file, or PostgreSQL by URL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, event, exc

from agent.engine.errors import StoreUnavailable
from agent.engine.schema import META, METADATA, VERSION

FILE = "ratchet.db"
_BUSY_SECONDS = 30
_CLAIM_LOCK = 0x7261746368


class Database:
    """Transactions on the tables of `schema`; usable from all threads."""

    def __init__(self, engine: sqlalchemy.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, place: Path | str) -> "Database":
        """Open, and make or upgrade, the database at a directory or a PostgreSQL URL.

        Raises StoreUnavailable.
        """
        engine = _sqlite(place) if isinstance(place, Path) else _postgres(place)
        database = cls(engine)
        database.create_tables()
        return database

    @property
    def is_sqlite(self) -> bool:
        """True for the file, which has one writer at a time."""
        return self._engine.dialect.name == "sqlite"

    @property
    def where(self) -> str:
        """Name the database for messages, without its password."""
        return self._engine.url.database or "" if self.is_sqlite else str(self._engine.url)

    def create_tables(self) -> None:
        """Make what is missing; raises StoreUnavailable when a newer Ratchet made the tables."""
        with self.write(exclusive=True) as connection:
            METADATA.create_all(connection)
            found = connection.scalar(sqlalchemy.select(META.c.value).where(META.c.name == "schema"))
            if found is None:
                connection.execute(META.insert().values(name="schema", value=str(VERSION)))
            elif int(found) > VERSION:
                raise StoreUnavailable(
                    f"{self.where} was written by a newer Ratchet (schema {found}, this one knows {VERSION})",
                    hint="upgrade Ratchet, or choose another RATCHET_STATE_DIR",
                )

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
                if exclusive and not self.is_sqlite:
                    connection.execute(sqlalchemy.select(sqlalchemy.func.pg_advisory_xact_lock(_CLAIM_LOCK)))
                yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (exc.OperationalError, exc.DatabaseError, exc.InterfaceError) as error:
            if isinstance(error, exc.IntegrityError):
                raise
            raise StoreUnavailable(f"{self.where}: {_first_line(error)}", hint=_hint(error)) from error


def _sqlite(directory: Path) -> sqlalchemy.Engine:
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StoreUnavailable(
            f"{directory} cannot be made: {error.strerror}", hint="set RATCHET_STATE_DIR to a writable folder"
        ) from None
    url = sqlalchemy.URL.create("sqlite", database=str(directory / FILE))
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A reader that turns writer half-way fails at once when somebody else wrote meanwhile.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _postgres(url: str) -> sqlalchemy.Engine:
    try:
        parsed = sqlalchemy.make_url(url).set(drivername="postgresql+psycopg")
    except exc.ArgumentError:
        raise StoreUnavailable(
            "RATCHET_DATABASE_URL is not a URL", hint="write postgresql://user@host/database"
        ) from None
    return sqlalchemy.create_engine(parsed, pool_pre_ping=True)


def _first_line(error: exc.DBAPIError) -> str:
    return str(error.orig).strip().split("\n")[0]


def _hint(error: exc.DBAPIError) -> str:
    text = str(error.orig).lower()
    hints = {
        "full": "free some disk space (`ratchet purge`), then run it again",
        "readonly": "make the state directory writable, or set RATCHET_STATE_DIR",
        "unable to open": "make the state directory writable, or set RATCHET_STATE_DIR",
        "malformed": "the file is damaged: move it away, or restore it from a copy",
        "not a database": "the file is damaged: move it away, or restore it from a copy",
        "locked": "another process holds it; `ratchet daemon status` shows which",
    }
    found = [hint for sign, hint in hints.items() if sign in text]
    return found[0] if found else "see `ratchet doctor`"
