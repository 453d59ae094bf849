"""Sorted keys with their postings, stored by the block: a row for each would cost more than all else."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

from agent.index.connection import Database

_KEYS = 64
Block = tuple[bytes, bytes, bytes]
"""First key, all keys one to a line, then how long each posting is and the postings."""


def blocks(postings: Mapping[bytes, bytes]) -> list[Block]:
    """Return the blocks of postings by key; a key holds no line end."""
    keys = sorted(postings)
    return [_block(keys[first : first + _KEYS], postings) for first in range(0, len(keys), _KEYS)]


def merged(several: Sequence[Sequence[Block]]) -> list[Block]:
    """Return the blocks of several sets of blocks as one, postings of the same key one after the other."""
    if len(several) == 1:
        return list(several[0])
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for one in several:
        for key, posting in unpack((keys, postings) for _, keys, postings in one):
            found[key].append(posting)
    return blocks({key: b"".join(postings) for key, postings in found.items()})


def unpack(stored: Iterable[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the keys and postings of blocks."""
    for joined, packed in stored:
        keys = joined.split(b"\n")
        ends = _ends(packed, len(keys))
        for number, key in enumerate(keys):
            yield key, packed[ends[number] : ends[number + 1]]


class Postings:
    """One table of blocks, asked by key."""

    def __init__(self, database: Database, table: str) -> None:
        self._database = database
        self._table = table

    def get(self, key: bytes) -> list[bytes]:
        """Return the postings of a key, one for each pack that has some."""
        nearest = f"SELECT row FROM {self._table} WHERE pack=p.pack AND first<=? ORDER BY first DESC LIMIT 1"
        asked = f"SELECT keys, postings FROM pack p JOIN {self._table} ON row=({nearest})"
        found = []
        for joined, packed in self._database.execute(asked, (key,)):
            keys = joined.split(b"\n")
            if key in keys:
                found.append(self._posting(keys.index(key), packed, len(keys)))
        return found

    def keys(self, pack: int) -> list[bytes]:
        """Return every key of a pack, in order, those of a block one to a line."""
        asked = f"SELECT keys FROM {self._table} WHERE pack=? ORDER BY first"
        return [keys for (keys,) in self._database.execute(asked, (pack,))]

    def _posting(self, place: int, packed: bytes, keys: int) -> bytes:
        try:
            start, end = _ends(packed, keys)[place : place + 2]
        except ValueError as error:
            raise self._database.spoiled("stored postings are damaged") from error
        if (end - start) % 4 or end > len(packed):
            raise self._database.spoiled("stored postings are damaged")
        return packed[start:end]


def _block(keys: Sequence[bytes], postings: Mapping[bytes, bytes]) -> Block:
    values = [postings[key] for key in keys]
    return keys[0], b"\n".join(keys), array("I", map(len, values)).tobytes() + b"".join(values)


def _ends(packed: bytes, keys: int) -> list[int]:
    lengths = array("I", packed[: 4 * keys])
    return list(accumulate(lengths, initial=4 * keys))
