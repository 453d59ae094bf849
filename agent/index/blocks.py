"""Sorted keys with their postings, stored by the block: a row for each would cost more than all else."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate

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
        places = ends(packed, len(keys))
        for number, key in enumerate(keys):
            yield key, packed[places[number] : places[number + 1]]


def _block(keys: Sequence[bytes], postings: Mapping[bytes, bytes]) -> Block:
    values = [postings[key] for key in keys]
    return keys[0], b"\n".join(keys), array("I", map(len, values)).tobytes() + b"".join(values)


def ends(packed: bytes, keys: int) -> list[int]:
    """Return where the postings of each key of a block end, before that where the first begins."""
    lengths = array("I", packed[: 4 * keys])
    return list(accumulate(lengths, initial=4 * keys))
