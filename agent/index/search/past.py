"""What the history of a snapshot says: which files were changed for such words, and which with which."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from agent.index.search.catalogue import Catalogue
from agent.index.search.query import STOP
from agent.index.words import terms
from agent.repo.history import PastCommit

_LARGEST = 20
"""A commit over more files says nothing about any of them."""
_FEWEST = 2
_TOGETHER = 10
_HALF_LIFE = 300
"""After so many commits one counts half."""
_SHARPNESS = 2
_WORDINESS = 0.1


class Past:
    """The subjects of past commits as documents about the files that they changed."""

    def __init__(self, commits: Sequence[PastCommit], catalogue: Catalogue) -> None:
        self._changed = [
            [catalogue.numbers[path] for path in commit.paths if path in catalogue.numbers]
            for commit in commits
        ]
        self._lengths: list[int] = []
        self._by_term: dict[str, list[int]] = defaultdict(list)
        for place, commit in enumerate(commits):
            words = set(terms(commit.subject)) - STOP
            self._lengths.append(len(words))
            for word in words:
                self._by_term[word].append(place)

    def score(self, weights: Mapping[str, float]) -> dict[int, float]:
        """Return files by how like the question the commits are that changed them, late ones before early."""
        said: dict[int, float] = defaultdict(float)
        for term, weight in weights.items():
            places = self._by_term.get(term, ())
            if places:
                gain = weight * math.log(1 + len(self._changed) / len(places))
                for place in places:
                    said[place] += gain
        scores: dict[int, float] = defaultdict(float)
        for place, likeness in said.items():
            changed = self._changed[place]
            if 0 < len(changed) <= _LARGEST:
                sharp = (likeness / (1 + _WORDINESS * self._lengths[place])) ** _SHARPNESS
                share = sharp / (len(changed) + 2) / (1 + place / _HALF_LIFE)
                for number in changed:
                    scores[number] += share
        return scores

    def liveliness(self) -> dict[int, float]:
        """Return how much each file was changed, late commits before early ones."""
        scores: dict[int, float] = defaultdict(float)
        for place, changed in enumerate(self._changed):
            if 0 < len(changed) <= _LARGEST:
                for number in changed:
                    scores[number] += 1 / len(changed) / (1 + place / _HALF_LIFE)
        return scores

    def changed_together(self) -> dict[int, dict[int, float]]:
        """Return for each file the files that small commits changed with it, with a weight."""
        found: dict[int, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        for changed in self._changed:
            if _FEWEST <= len(changed) <= _TOGETHER:
                for number in changed:
                    for other in changed:
                        if other != number:
                            found[number][other] += 1 / (len(changed) - 1)
        return found
