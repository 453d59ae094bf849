"""BM25 over the words of files (Robertson and Zaragoza 2009), the words of the path counted as well."""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping

from agent.index.search.catalogue import Catalogue
from agent.index.search.query import Query
from agent.index.search.stems import forms
from agent.index.view import Posting, View

_SATURATION, _NORMALIZATION = 1.2, 0.75
_IN_PATH = 2.0
"""A word of the path counts as often as this many in the text."""
_OTHER_FORM = 0.3
_KEPT = 20_000
_TERMS = 64
"""A log in an issue has hundreds; the common ones cost most time and tell least."""


class Postings:
    """Postings of a view, each read once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, Posting] = {}

    def __getitem__(self, term: str) -> Posting:
        found = self._known.get(term)
        if found is None:
            if len(self._known) > _KEPT:
                self._known.clear()
            found = self._known[term] = self._view.posting(term)
        return found

    def weighed(self, query: Query, count: int) -> dict[str, float]:
        """Return the weightiest terms of a query, other forms included, with weight times rarity."""
        weights = dict(query.terms)
        for term in query.plain & query.terms.keys():
            for form in forms(term):
                weights[form] = max(weights.get(form, 0.0), _OTHER_FORM * query.terms[term])
        found = [(weight * rarity(len(self[term].files), count), term) for term, weight in weights.items()]
        return {term: weight for weight, term in heapq.nlargest(_TERMS, found) if weight > 0}

    def rare(self, terms: Iterable[str], count: int) -> dict[str, float]:
        """Return the rarity of each term."""
        return {term: rarity(len(self[term].files), count) for term in terms}


def rarity(files: int, count: int) -> float:
    """Return the inverse document frequency of a term that `files` of `count` files have, 0 for none."""
    return math.log(1 + (count - files + 0.5) / (files + 0.5)) if 0 < files <= count else 0.0


def score_files(weighed: Mapping[str, float], postings: Postings, catalogue: Catalogue) -> dict[int, float]:
    """Return the BM25 score of every file that has a term."""
    scores: dict[int, float] = defaultdict(float)
    norms = _norms(catalogue)
    for term, weight in weighed.items():
        gain = weight * (_SATURATION + 1)
        posting = postings[term]
        for number, count in zip(posting.files, posting.counts, strict=True):
            scores[number] += gain * count / (count + norms[number])
        if named := catalogue.by_word.get(term):
            counts = dict(zip(posting.files, posting.counts, strict=True))
            for number in named:
                before, norm = counts.get(number, 0), norms[number]
                after = before + _IN_PATH
                scores[number] += gain * (after / (after + norm) - before / (before + norm))
    return scores


def score_paths(weighed: Mapping[str, float], catalogue: Catalogue) -> dict[int, float]:
    """Return how much of each path the query says."""
    scores: dict[int, float] = defaultdict(float)
    for term, weight in weighed.items():
        named = catalogue.by_word.get(term, ())
        for number in named:
            scores[number] += weight / (1 + 0.1 * len(catalogue.words[number]))
    return scores


def _norms(catalogue: Catalogue) -> list[float]:
    share = _SATURATION * _NORMALIZATION / catalogue.mean_length
    fixed = _SATURATION * (1 - _NORMALIZATION)
    return [fixed + share * file.length for file in catalogue.files]
