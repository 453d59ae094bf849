"""Files near others: personalized PageRank (Haveliwala 2002) over dependencies and common changes."""

import math
import sys
from array import array
from collections import defaultdict
from collections.abc import Mapping

from agent.index.search.catalogue import Catalogue
from agent.index.search.fusion import LONGEST

Edges = Mapping[str, Mapping[str, float]]
Weights = Mapping[int, Mapping[int, float]]
_BACKWARDS = 0.5
_OF_HISTORY = 0.3
_DAMPING = 0.5
_KEPT = 4 << 20
"""Ranks of one file from another, 8 bytes each."""
_OF_WALK, _OF_SEED = 1 << 40, 1 << 22
"""What 1 is in whole numbers: they add up to the same in any order, and to less than 64 bits."""
_STEPS = 2
"""More steps changed no figure of the benchmark: what is far away is no evidence."""


class Nearness:
    """The graph of the files of one view."""

    def __init__(self, edges: Edges, together: Weights, catalogue: Catalogue) -> None:
        depends = _numbered(edges, catalogue)
        self._near = _mixed(_shares(depends), _shares(together))
        self._count = len(catalogue.paths)
        self._walks: dict[int, int] = {}
        """The rank of every file from a single one: 64 bits for each, so that one number holds them all."""

    def rank(self, seeds: Mapping[int, float]) -> dict[int, float]:
        """Return the rank of the files that are at most `_STEPS` from a seed, of many only the first.

        Seeds weigh relatively. The rank from several files is the sum of the ranks from each, of which some
        are known by now: whole rows of them, added up as one long number each.
        """
        total = sum(seeds.values())
        if not total:
            return {}
        known = sum(
            round(weight / total * _OF_SEED) * self._walks[number]
            for number, weight in seeds.items()
            if number in self._walks
        )
        ranks = array("Q", known.to_bytes(8 * self._count, sys.byteorder))
        fresh = {number: weight for number, weight in seeds.items() if number not in self._walks}
        part = sum(fresh.values()) / total * _OF_WALK * _OF_SEED
        for number, share in self.spread(fresh, _STEPS).items():
            ranks[number] += round(part * share)
        best = sorted(range(self._count), key=ranks.__getitem__, reverse=True)[:LONGEST]
        return {number: float(ranks[number]) for number in best if ranks[number]}

    def prepare(self, seed: int) -> None:
        """Work out what `rank` needs of a seed, unless very many are known."""
        if seed not in self._walks and (len(self._walks) + 1) * self._count < _KEPT:
            found = array("Q", bytes(8 * self._count))
            for number, rank in self.spread({seed: 1.0}, _STEPS).items():
                found[number] = round(rank * _OF_WALK)
            self._walks[seed] = int.from_bytes(found.tobytes(), sys.byteorder)

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
