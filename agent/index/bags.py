"""The terms of a file by definition, cut from its bytes when search asks."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from agent.index.definitions import DefinitionRow, boundaries
from agent.index.view import Document
from agent.index.words import SPACED, Splitter


def documents(source: bytes, rows: Sequence[DefinitionRow], split: Splitter) -> list[Document]:
    """Return the terms of each definition without those of the definitions in it, and of the rest."""
    # Cutting a file into words takes no longer than unpacking stored ones would.
    edges, owners = boundaries(rows)
    edges.append(len(source))
    spaced = source.translate(SPACED)
    found: dict[int, list[bytes]] = {}
    for owner, (start, end) in zip(owners, pairwise(edges), strict=True):
        if own := spaced[start:end].split():
            found.setdefault(owner, []).extend(own)
    return [_document(owner, split.count(Counter(own))) for owner, own in found.items()]


def _document(owner: int, counts: dict[str, int]) -> Document:
    return Document(owner, sum(counts.values()), counts)
