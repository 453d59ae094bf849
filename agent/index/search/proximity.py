"""Files near others: personalized PageRank (Haveliwala 2002) over dependencies and common changes."""

import math
from collections import defaultdict
from collections.abc import Mapping

from agent.index.search.catalogue import Catalogue

Edges = Mapping[str, Mapping[str, float]]
Weights = Mapping[int, Mapping[int, float]]
_BACKWARDS = 0.5
_OF_HISTORY = 0.3
_DAMPING = 0.5
_STEPS = 2
"""More steps changed no figure of the benchmark: what is far away is no evidence."""


class Nearness:
    """The graph of the files of one view."""

    def __init__(self, edges: Edges, together: Weights, catalogue: Catalogue) -> None:
        depends = _numbered(edges, catalogue)
        self._near = _mixed(_shares(depends), _shares(together))

    def rank(self, seeds: Mapping[int, float], steps: int = _STEPS) -> dict[int, float]:
        """Return the rank of every file that is at most `steps` from a seed; seeds weigh relatively."""
        total = sum(seeds.values())
        if not total:
            return {}
        start = {number: weight / total for number, weight in seeds.items()}
        rank: Mapping[int, float] = start
        for _ in range(steps):
            following: dict[int, float] = defaultdict(float)
            for number, weight in start.items():
                following[number] += (1 - _DAMPING) * weight
            for number, weight in rank.items():
                for other, share in self._near.get(number, ()):
                    following[other] += _DAMPING * weight * share
            rank = following
        return dict(rank)


def _numbered(edges: Edges, catalogue: Catalogue) -> Weights:
    """Return the edges both ways, the way back weaker: what is used is nearer than who uses it."""
    found: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    numbers = catalogue.numbers
    for path, targets in edges.items():
        here = numbers[path]
        for other, weight in targets.items():
            there, amount = numbers[other], math.log1p(weight)
            found[here][there] += amount
            found[there][here] += _BACKWARDS * amount
    return found


def _shares(weights: Weights) -> dict[int, dict[int, float]]:
    found = {}
    for number, near in weights.items():
        total = sum(near.values())
        found[number] = {other: weight / total for other, weight in near.items()}
    return found


def _mixed(depends: Weights, together: Weights) -> dict[int, list[tuple[int, float]]]:
    found: dict[int, list[tuple[int, float]]] = {}
    for number in depends.keys() | together.keys():
        near: dict[int, float] = defaultdict(float)
        for weights, part in ((depends, 1 - _OF_HISTORY), (together, _OF_HISTORY)):
            for other, share in weights.get(number, {}).items():
                near[other] += part * share
        found[number] = list(near.items())
    return found
