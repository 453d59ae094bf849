"""The postings of a key, read from the blocks of every pack."""

from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

from agent.index.blocks import ends
from agent.index.connection import Database

_KEPT = 2048
"""Blocks of one table in memory, about two kilobytes each."""
_TRIES = 8
"""Packs are merged once in hundreds of changes; who finds them merged so often has a damaged file."""


class _Merged(Exception):
    """Another process made one pack of several since they were listed."""


class Postings:
    """One table of blocks, asked by key."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table
        self._packs: dict[int, tuple[list[bytes], list[int]]] = {}
        """First key and row of each block, by pack; what is in a pack never changes."""
        self._read = lru_cache(_KEPT)(self._block_of)

    def get(self, key: bytes) -> list[bytes]:
        """Return the postings of a key, one for each pack that has some."""
        for _ in range(_TRIES):
            packs = [pack for (pack,) in self._database.execute("SELECT pack FROM pack ORDER BY pack")]
            try:
                return [found for pack in packs if (found := self._within(pack, key)) is not None]
            except _Merged:
                self._forget(packs)
        raise self._database.spoiled("stored postings are missing")

    def keys(self, pack: int) -> list[bytes]:
        """Return every key of a pack, in order, those of a block one to a line."""
        asked = f"SELECT keys FROM {self._table} WHERE pack=? ORDER BY first"
        return [keys for (keys,) in self._database.execute(asked, (pack,))]

    def _within(self, pack: int, key: bytes) -> bytes | None:
        firsts, rows = self._packs.get(pack) or self._opened(pack)
        nearest = bisect_right(firsts, key) - 1
        if nearest < 0:
            return None
        joined, packed = self._read(pack, rows[nearest])
        place = joined.find(b"\n%b\n" % key)
        if place < 0:
            return None
        return self._posting(joined.count(b"\n", 0, place), packed, joined.count(b"\n") - 1)

    def _opened(self, pack: int) -> tuple[list[bytes], list[int]]:
        asked = f"SELECT first, row FROM {self._table} WHERE pack=? ORDER BY first"
        found = self._database.execute(asked, (pack,)).fetchall()
        self._packs[pack] = [first for first, _ in found], [row for _, row in found]
        return self._packs[pack]

    def _block_of(self, pack: int, row: int) -> tuple[bytes, bytes]:
        """Return the keys of a block, with a line end before and behind each, and its postings."""
        asked = f"SELECT keys, postings FROM {self._table} WHERE row=? AND pack=?"
        found = self._database.execute(asked, (row, pack)).fetchone()
        if found is None:
            raise _Merged
        return b"\n%b\n" % found[0], found[1]

    def _forget(self, packs: Iterable[int]) -> None:
        for pack in packs:
            self._packs.pop(pack, None)

    def _posting(self, place: int, packed: bytes, keys: int) -> bytes:
        try:
            start, end = ends(packed, keys)[place : place + 2]
        except ValueError as error:
            raise self._database.spoiled("stored postings are damaged") from error
        if (end - start) % 4 or end > len(packed):
            raise self._database.spoiled("stored postings are damaged")
        return packed[start:end]
