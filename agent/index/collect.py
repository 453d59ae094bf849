"""Keeps the index small: packs are merged, blobs that no snapshot uses any more are dropped."""

import sqlite3
from array import array
from collections.abc import Iterable
from pathlib import Path

from agent.index.blocks import Block, blocks, unpack
from agent.index.database import locked, transaction
from agent.index.marks import NUMBER_SHIFT
from agent.index.snapshots import used_numbers

_MANY_PACKS = 12
_SMALL_PACK = 4 << 20
_LEAST = 2000
"""Unused blobs that are not worth the work, unless they are the larger part."""


def collect_unused(database: sqlite3.Connection, file: Path) -> int:
    """Merge packs when they are many, and drop unused blobs when they are; returns how many blobs went."""
    with locked(file):
        known = {number for (number,) in database.execute("SELECT number FROM blob")}
        unused = known - used_numbers(database)
        if len(unused) > max(_LEAST, len(known) // 2) or len(unused) > 4 * _LEAST:
            _drop(database, unused)
            database.execute("VACUUM")
            return len(unused)
        small = [pack for pack, size in database.execute("SELECT pack, size FROM pack") if size < _SMALL_PACK]
        if len(small) > _MANY_PACKS:
            with transaction(database):
                _merge(database, small, frozenset())
        return 0


def _drop(database: sqlite3.Connection, unused: set[int]) -> None:
    with transaction(database):
        for table in ("blob", "facts", "symbol"):
            rows = ((number,) for number in unused)
            if table == "symbol":
                database.execute("CREATE TEMP TABLE unused(number INTEGER PRIMARY KEY)")
                database.executemany("INSERT INTO unused VALUES(?)", rows)
                database.execute("DELETE FROM symbol WHERE number IN (SELECT number FROM unused)")
                database.execute("DROP TABLE unused")
            else:
                database.executemany(f"DELETE FROM {table} WHERE number=?", rows)
        packs = [pack for (pack,) in database.execute("SELECT pack FROM pack")]
        _merge(database, packs, unused)


def _merge(database: sqlite3.Connection, packs: Iterable[int], without: frozenset[int] | set[int]) -> None:
    """Write the postings of packs as one new pack, those of some blobs left out."""
    merged, size = list(packs), 0
    (new,) = database.execute("INSERT INTO pack(size) VALUES(0) RETURNING pack").fetchone()
    for table in ("word", "term"):
        found: dict[bytes, array[int]] = {}
        for pack in merged:
            rows = database.execute(f"SELECT keys, postings FROM {table} WHERE pack=?", (pack,))
            for key, packed in unpack(rows):
                marks = array("I", packed)
                if without:
                    marks = array("I", [one for one in marks if one >> NUMBER_SHIFT not in without])
                if marks:
                    found.setdefault(key, array("I")).extend(marks)
            database.execute(f"DELETE FROM {table} WHERE pack=?", (pack,))
        _insert(database, table, new, blocks({key: marks.tobytes() for key, marks in found.items()}))
    for pack in merged:
        size += database.execute("SELECT size FROM pack WHERE pack=?", (pack,)).fetchone()[0]
        database.execute("DELETE FROM pack WHERE pack=?", (pack,))
    database.execute("UPDATE pack SET size=? WHERE pack=?", (size, new))


def _insert(database: sqlite3.Connection, table: str, pack: int, rows: Iterable[Block]) -> None:
    written = f"INSERT INTO {table}(pack, first, keys, postings) VALUES(?,?,?,?)"
    database.executemany(written, ((pack, *block) for block in rows))
