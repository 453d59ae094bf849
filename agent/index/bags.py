"""The words of one file in the order of the file, cut where the innermost definition changes."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.index.definitions import DefinitionRow, boundaries
from agent.index.words import SPACED, words


@dataclass(frozen=True, slots=True)
class Bags:
    """Words of a file as written."""

    sequence: list[bytes]
    cuts: list[tuple[int, int]]
    """(ordinal, number of words) of each stretch between two changes of the innermost definition."""
    all: "Counter[bytes]"
    text: "Counter[bytes]"
    """Those in strings and comments."""


def bags(source: bytes, rows: Sequence[DefinitionRow], texts: "array[int]") -> Bags:
    """Return the words of a file and which definition each is in."""
    edges, owners = boundaries(rows)
    edges.append(len(source))
    spaced = source.translate(SPACED)
    sequence: list[bytes] = []
    cuts = []
    for owner, (start, end) in zip(owners, pairwise(edges), strict=True):
        if found := spaced[start:end].split():
            cuts.append((owner, len(found)))
            sequence += found
    pieces = [source[start:end] for start, end in zip(texts[::2], texts[1::2], strict=True)]
    return Bags(sequence, cuts, Counter(sequence), Counter(words(b" ".join(pieces))))
