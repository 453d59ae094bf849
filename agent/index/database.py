"""The SQLite file of one repository's index: facts by blob, postings in packs, one writer."""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from zlib import crc32

from agent.index.blocks import merged
from agent.index.connection import Database
from agent.index.errors import IndexDamaged, IndexUnavailable
from agent.index.parsing import Rows

_SCHEMA = 3
"""Raised whenever the facts or their storage change."""
_TABLES = """
CREATE TABLE blob(
    number INTEGER PRIMARY KEY, id BLOB NOT NULL, hint TEXT NOT NULL, language TEXT NOT NULL,
    size INTEGER NOT NULL, lines INTEGER NOT NULL, skipped TEXT NOT NULL,
    length INTEGER NOT NULL, symbols INTEGER NOT NULL, refs INTEGER NOT NULL);
CREATE TABLE facts(number INTEGER PRIMARY KEY, facts BLOB NOT NULL);
CREATE TABLE symbol(
    name TEXT NOT NULL, number INTEGER NOT NULL, ordinal INTEGER NOT NULL, qualname TEXT NOT NULL,
    kind TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL);
CREATE TABLE pack(pack INTEGER PRIMARY KEY, size INTEGER NOT NULL);
CREATE TABLE word(
    row INTEGER PRIMARY KEY, pack INTEGER NOT NULL, first BLOB NOT NULL, keys BLOB NOT NULL,
    postings BLOB NOT NULL);
CREATE TABLE term(
    row INTEGER PRIMARY KEY, pack INTEGER NOT NULL, first BLOB NOT NULL, keys BLOB NOT NULL,
    postings BLOB NOT NULL);
CREATE INDEX word_first ON word(pack, first);
CREATE INDEX term_first ON term(pack, first);
CREATE UNIQUE INDEX blob_id ON blob(id, hint);
CREATE TABLE snapshot(name TEXT PRIMARY KEY, used REAL NOT NULL, numbers BLOB NOT NULL, edges BLOB);
"""
_INDEX = "CREATE INDEX IF NOT EXISTS symbol_name ON symbol(name)"


def open_database(path: Path) -> Database:
    """Open the index file, made anew when it is of another schema or no database at all.

    Raises IndexUnavailable, also later from whatever is asked of it; see `Database`.
    """
    try:
        # One at a time: several processes may be the first to want it, and each would make its tables.
        with locked(path, "opening"):
            return _made_or_opened(path)
    except OSError as error:
        raise _not_to_be_opened(path, error) from error


def _made_or_opened(path: Path) -> Database:
    try:
        return _opened(path)
    except IndexDamaged:
        discard(path)
        return _opened(path)


@cache
def schema() -> int:
    """Return the number of the present tables and queries: an index of another one is built anew."""
    queries = sorted((Path(__file__).parent / "languages").glob("*/facts.scm"))
    return crc32(b"".join(path.read_bytes() for path in queries), _SCHEMA) & 0x7FFFFFFF


def discard(path: Path) -> None:
    """Remove the index file; everything in it can be had from the repository again."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def locked(path: Path, what: str = "lock") -> Iterator[None]:
    """Keep others from writing the index meanwhile, or from what else they ask by the same word."""
    with path.with_name(f"{path.name}.{what}").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_empty(database: sqlite3.Connection) -> bool:
    """Return whether no blob is known yet."""
    return database.execute("SELECT 1 FROM blob LIMIT 1").fetchone() is None


def begin_bulk(database: sqlite3.Connection) -> None:
    """Drop what is quicker to make afterwards."""
    database.execute("DROP INDEX IF EXISTS symbol_name")


def end_bulk(database: sqlite3.Connection) -> None:
    """Make it again; an interrupted build leaves this to the next."""
    database.execute(_INDEX)


class Pack:
    """Rows gathered from several batches, written in one transaction: all of a file or nothing."""

    def __init__(self) -> None:
        self._batches: list[Rows] = []
        self.files = 0
        self.size = 0

    def add(self, rows: Rows) -> None:
        """Take the rows of a batch."""
        self._batches.append(rows)
        self.files += len(rows.blobs)
        self.size += sum(blob[4] for blob in rows.blobs)

    def write(self, database: sqlite3.Connection) -> None:
        """Write everything as one pack and commit."""
        with transaction(database):
            taken = "INSERT INTO pack(size) VALUES(?) RETURNING pack"
            (pack,) = database.execute(taken, (self.size,)).fetchone()
            for batch in self._batches:
                database.executemany("INSERT INTO blob VALUES(?,?,?,?,?,?,?,?,?,?)", batch.blobs)
                database.executemany("INSERT INTO facts VALUES(?,?)", batch.facts)
                database.executemany("INSERT INTO symbol VALUES(?,?,?,?,?,?,?)", batch.symbols)
            for table, several in (
                ("word", [b.words for b in self._batches]),
                ("term", [b.terms for b in self._batches]),
            ):
                rows = ((pack, *block) for block in merged(several))
                database.executemany(
                    f"INSERT INTO {table}(pack, first, keys, postings) VALUES(?,?,?,?)", rows
                )


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Commit what the block writes, all or nothing."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # On a full disk SQLite has already rolled back by itself.
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")


def _opened(path: Path) -> Database:
    try:
        database = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=60, factory=Database
        )
    except sqlite3.OperationalError as error:
        raise _not_to_be_opened(path, error) from error
    try:
        for pragma in (
            "page_size=8192",
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "temp_store=MEMORY",
            "cache_size=-16000",
        ):
            database.execute(f"PRAGMA {pragma}")
        _make_tables(database)
    except BaseException:
        database.close()
        raise
    return database


def _not_to_be_opened(path: Path, error: Exception) -> IndexUnavailable:
    return IndexUnavailable(f"the index cannot be opened: {error}", hint=f"is {path.parent} writable?")


def _make_tables(database: Database) -> None:
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version == schema():
        return
    if version != 0 or database.execute("SELECT 1 FROM sqlite_schema").fetchone():
        raise IndexDamaged("the index is of another version")
    with transaction(database):
        for statement in _TABLES.split(";"):
            database.execute(statement)
        database.execute(f"PRAGMA user_version={schema()}")
