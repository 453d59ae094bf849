"""What is remembered of snapshots: which blobs they use, and which of their files depend on which."""

import marshal
import sqlite3
import time
import zlib
from array import array
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha1

from agent.index.database import transaction
from agent.index.errors import IndexUnavailable

Numbers = Mapping[str, int]
"""Blob number by path."""
FileEdges = dict[str, dict[str, float]]
_KEPT = 16
_FRESH = 3600.0
_USED = "UPDATE snapshot SET used=? WHERE name=?"
_FORGET = "DELETE FROM snapshot WHERE name NOT IN (SELECT name FROM snapshot ORDER BY used DESC LIMIT ?)"
_NEW = "INSERT OR IGNORE INTO snapshot(name, used, numbers) VALUES(?,?,?)"


def name_of(numbers: Numbers) -> str:
    """Return what a snapshot is remembered under: equal paths and blobs give the same."""
    listed = "\n".join(f"{path}\0{number}" for path, number in sorted(numbers.items()))
    return sha1(listed.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def remember(database: sqlite3.Connection, numbers: Numbers) -> str:
    """Keep the blobs of a snapshot from being collected; returns its name."""
    name, now = name_of(numbers), time.time()
    row = database.execute("SELECT used FROM snapshot WHERE name=?", (name,)).fetchone()
    if row is None or row[0] < now - _FRESH:
        # A full disk must not keep anybody from reading.
        with suppress(IndexUnavailable), transaction(database):
            database.execute(_NEW, (name, now, array("I", numbers.values()).tobytes()))
            database.execute(_USED, (now, name))
            database.execute(_FORGET, (_KEPT,))
    return name


def is_remembered(database: sqlite3.Connection, name: str) -> bool:
    """Return whether the blobs of a snapshot are still kept."""
    return database.execute("SELECT 1 FROM snapshot WHERE name=?", (name,)).fetchone() is not None


def used_numbers(database: sqlite3.Connection) -> set[int]:
    """Return the blobs of every remembered snapshot."""
    rows = database.execute("SELECT numbers FROM snapshot")
    return {number for (packed,) in rows for number in array("I", packed)}


def load_edges(database: sqlite3.Connection, name: str) -> tuple[dict[str, int], FileEdges] | None:
    """Return the edges of a snapshot, else of the latest that has some, with the blobs they are from."""
    asked = "SELECT edges FROM snapshot WHERE edges IS NOT NULL ORDER BY name=? DESC, used DESC LIMIT 1"
    row = database.execute(asked, (name,)).fetchone()
    if row is None:
        return None
    try:
        packed = zlib.decompress(row[0])
    except zlib.error:
        # They are only kept to be quick: others are made.
        return None
    numbers, edges = marshal.loads(packed)
    return numbers, edges


def store_edges(database: sqlite3.Connection, name: str, numbers: Numbers, edges: FileEdges) -> None:
    """Keep the edges of a snapshot."""
    packed = zlib.compress(marshal.dumps((dict(numbers), edges)), 1)
    with suppress(IndexUnavailable), transaction(database):
        database.execute("UPDATE snapshot SET edges=NULL WHERE name<>?", (name,))
        database.execute("UPDATE snapshot SET edges=? WHERE name=?", (packed, name))


def has_edges(database: sqlite3.Connection, name: str) -> bool:
    """Return whether the edges of just this snapshot are kept."""
    asked = "SELECT 1 FROM snapshot WHERE name=? AND edges IS NOT NULL"
    return database.execute(asked, (name,)).fetchone() is not None
