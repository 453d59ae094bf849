"""Reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009) of rankings that cannot be compared by score."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Generic, TypeVar

K = 10
"""The paper's 60 is for lists of a thousand; ours are short, and their first places tell most."""
LONGEST = 300
"""What is further down in a ranking tells nothing."""
T = TypeVar("T", int, tuple[int, int])


@dataclass(frozen=True)
class Fused(Generic[T]):
    """Scores of everything that some ranking has."""

    scores: dict[T, float]
    rankings: Mapping[str, list[T]]
    weights: Mapping[str, float]
    added: Mapping[str, Mapping[T, float]] = field(default_factory=dict)

    def parts(self, item: T) -> dict[str, float]:
        """Return what each ranking gave to the score of an item, before that was scaled."""
        ranked_by = {name: order.index(item) + 1 for name, order in self.rankings.items() if item in order}
        parts = {name: _part(self.weights[name], place) for name, place in ranked_by.items()}
        return {**parts, **{name: scores[item] for name, scores in self.added.items() if item in scores}}


def orders(rankings: Mapping[str, Mapping[T, float]]) -> dict[str, list[T]]:
    """Return each ranking as its first places."""
    return {name: ranked(scores)[:LONGEST] for name, scores in rankings.items()}


def fuse(
    rankings: Mapping[str, list[T]],
    weights: Mapping[str, float],
    scale: Callable[[T], float] = lambda item: 1.0,
    added: Mapping[str, Mapping[T, float]] | None = None,
) -> Fused[T]:
    """Add up weight * (K + 1) / (K + place) over the rankings, and what is `added`."""
    scores: dict[T, float] = defaultdict(float)
    for name, order in rankings.items():
        for item, part in zip(order, _parts(weights[name]), strict=False):
            scores[item] += part
    for more in (added or {}).values():
        for item, score in more.items():
            scores[item] += score
    scaled = {item: score * scale(item) for item, score in scores.items()}
    return Fused(scaled, rankings, weights, added or {})


@cache
def _parts(weight: float) -> list[float]:
    return [_part(weight, place) for place in range(1, LONGEST + 1)]


def _part(weight: float, place: int) -> float:
    return weight * (K + 1) / (K + place)


def ranked(scores: Mapping[T, float]) -> list[T]:
    """Return what has a score, best first; of equals the first by order."""
    # Twice as fast as to sort pairs.
    found = [item for item, score in scores.items() if score > 0]
    found.sort()
    found.sort(key=scores.__getitem__, reverse=True)
    return found
