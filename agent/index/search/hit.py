"""One answer of search."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hit:
    """A place; `symbol` is its qualified name, "" for the part of a file that is in no definition."""

    path: str
    start: int
    end: int
    """Lines, from 1 and inclusive."""
    symbol: str
    kind: str
    score: float
    """To compare hits of one answer with; of no meaning by itself."""
    why: Mapping[str, float]
    """What each ranking gave to the score."""
