"""Files near others: personalized PageRank (Haveliwala 2002) over dependencies and common changes."""

import math
from array import array
from collections import defaultdict
from collections.abc import Mapping
from operator import mul

from agent.index.search.catalogue import Catalogue

Edges = Mapping[str, Mapping[str, float]]
Weights = Mapping[int, Mapping[int, float]]
_BACKWARDS = 0.5
_OF_HISTORY = 0.3
_DAMPING = 0.5
_KEPT = 1024
_DIGITS = 12
"""Beyond these, ranks differ by the order in which they were added up."""
_STEPS = 2
"""More steps changed no figure of the benchmark: what is far away is no evidence."""


class Nearness:
    """The graph of the files of one view."""

    def __init__(self, edges: Edges, together: Weights, catalogue: Catalogue) -> None:
        depends = _numbered(edges, catalogue)
        self._near = _mixed(_shares(depends), _shares(together))
        self._count = len(catalogue.paths)
        self._walks: dict[int, array[float]] = {}
        """The rank of every file from a single one."""

    def rank(self, seeds: Mapping[int, float]) -> dict[int, float]:
        """Return the rank of every file that is at most `_STEPS` from a seed; seeds weigh relatively."""
        total = sum(seeds.values())
        if not total:
            return {}
        # The rank from several files is the sum of the ranks from each, of which some are known by now.
        weights = [seeds[number] / total for number in seeds if number in self._walks]
        ranks = zip(*(self._walks[number] for number in seeds if number in self._walks), strict=True)
        rank = dict(enumerate(sum(map(mul, weights, shares)) for shares in ranks))
        fresh = {number: weight for number, weight in seeds.items() if number not in self._walks}
        part = sum(fresh.values()) / total
        for number, share in self.spread(fresh, _STEPS).items():
            rank[number] = rank.get(number, 0.0) + part * share
        return {number: rounded for number, share in rank.items() if (rounded := round(share, _DIGITS))}

    def prepare(self, seed: int) -> None:
        """Work out what `rank` needs of a seed, unless very many are known."""
        if seed not in self._walks and len(self._walks) < _KEPT:
            self._walks[seed] = found = array("d", bytes(8 * self._count))
            for number, rank in self.spread({seed: 1.0}, _STEPS).items():
                found[number] = rank

    def spread(self, seeds: Mapping[int, float], steps: int) -> dict[int, float]:
        """Return the rank of every file that is at most `steps` from a seed; nothing without seeds."""
        total = sum(seeds.values()) or 1.0
        start = {number: weight / total for number, weight in seeds.items()}
        rank: Mapping[int, float] = start
        for _ in range(steps):
            following: dict[int, float] = defaultdict(float)
            for number, weight in start.items():
                following[number] += (1 - _DAMPING) * weight
            for number, weight in rank.items():
                passed = _DAMPING * weight
                for other, share in self._near.get(number, ()):
                    following[other] += passed * share
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
