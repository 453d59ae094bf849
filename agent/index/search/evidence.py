"""All rankings of one question over one snapshot, before they are fused."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Protocol

from agent.index.definitions import DefinitionRow
from agent.index.search.catalogue import Catalogue
from agent.index.search.file_names import score_file_names, score_joined_names
from agent.index.search.files import Postings, score_files, score_paths
from agent.index.search.fusion import Fused, fuse, orders, ranked
from agent.index.search.passages import Contents, Outline, Passages
from agent.index.search.past import Past
from agent.index.search.places import Unit, score_frames, score_paths_named, score_phrases
from agent.index.search.proximity import Edges, Nearness
from agent.index.search.query import Query
from agent.index.search.symbols import Names, score_symbols
from agent.index.search.weights import FIRST, OF_FILES, OF_ITS_FILE, OF_UNITS
from agent.index.view import View
from agent.repo.history import PastCommit

_LOOKED_INTO = 20
_UNITS_SUMMED, _BEST_OF_FILE = 60, 2
_SYMBOLS_SHOWN = 50
_SEEDS = 20
_FAR = 8
_KEPT = 4096
_PREPARED = 48 << 20
"""Bytes of files; their passages take as much memory as half of them."""


class Columns(Protocol):
    """What is stored about a file."""

    @property
    def lines(self) -> int:
        """Return the number of its lines."""

    @property
    def definitions(self) -> Sequence[DefinitionRow]:
        """Return its definitions."""


class Stored(Protocol):
    """A file of the index, its facts not yet made into objects."""

    @property
    def columns(self) -> Columns:
        """Return what is stored about it."""


class SearchView(View, Contents, Protocol):
    """A view that also gives definitions as they are stored."""

    def scopes(self, path: str) -> Stored:
        """Return a file as resolution sees it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Files by number, units by (file, ordinal)."""

    files: Fused[int]
    units: Fused[Unit]


class Ground:
    """What does not depend on the question; kept for as long as its view."""

    def __init__(self, view: SearchView, commits: Sequence[PastCommit], edges: Edges) -> None:
        self.view = view
        self.catalogue = Catalogue(view)
        self.outline = lru_cache(_KEPT)(self._outline)
        self._postings = Postings(view)
        self._names = Names(view)
        self._passages = Passages(view, self.catalogue)
        self._past = Past(commits, self.catalogue)
        self._central: list[int] | None = None
        self._nearness = Nearness(edges, self._past.changed_together(), self.catalogue)

    def central(self) -> list[int]:
        """Return all files, what much else depends on first; worked out once."""
        if self._central is None:
            self._central = ranked(self._centrality())
        return self._central

    def _centrality(self) -> dict[int, float]:
        """Return PageRank from the files in proportion to how often and lately they were changed."""
        files, likely = self.catalogue.files, self.catalogue.likely
        known = {number: likely[number] for number, file in enumerate(files) if not file.skipped}
        lively = self._past.liveliness()
        start = {number: weight * (1 + lively.get(number, 0.0)) for number, weight in known.items()}
        rank = self._nearness.spread(start, _FAR)
        return {number: likely[number] * rank.get(number, 0.0) for number in known}

    def prepare(self) -> Iterator[None]:
        """Cut files into passages, then walk from them, one at each step: code first, of that the longest."""
        files, likely = self.catalogue.files, self.catalogue.likely
        known = [number for number, file in enumerate(files) if file.length and not file.skipped]
        known.sort(key=lambda number: (-likely[number], -files[number].length))
        sizes = accumulate(files[number].size for number in known)
        known = [number for number, size in zip(known, sizes, strict=True) if size <= _PREPARED]
        for number in known:
            self._passages.cut([number], self.outline)
            yield
        for number in known:
            self._nearness.prepare(number)
            yield

    def weigh(self, query: Query) -> Evidence:
        """Ask every ranker and fuse what they say."""
        catalogue = self.catalogue
        weighed = self._postings.weighed(query, catalogue.count)
        words = score_files(weighed, self._postings, catalogue)
        symbols, symbol_units = score_symbols(query, self._names, catalogue)
        trace, trace_units = score_frames(query, self.view, catalogue)
        phrases, phrase_units = score_phrases(query, self.view, catalogue)
        files: dict[str, Mapping[int, float]] = {
            "words": words,
            "symbols": symbols,
            "trace": trace,
            "paths": score_paths_named(query, catalogue),
            "names": score_file_names(query, self._postings, catalogue),
            "joined": score_joined_names(query, self._postings, catalogue),
            "phrases": phrases,
            "history": self._past.score(query.terms),
        }
        placed = orders(files)
        found = ranked(fuse(placed, FIRST, catalogue.likely.__getitem__).scores)
        # A link or a submodule can be named, too, but there is nothing to look into.
        first = [number for number in found if not catalogue.files[number].skipped][:_LOOKED_INTO]
        passages = self._passages.score(weighed, first, self.outline)
        files["definitions"] = _summed(passages)
        later = {
            "title": score_files(
                self._postings.rare(query.title, catalogue.count), self._postings, catalogue
            ),
            "definitions": files["definitions"],
            "best": _best(passages),
            "path_words": score_paths(weighed, catalogue),
            "graph": self._nearness.rank(_seeds(files)),
        }
        units = {
            "words": passages,
            "symbols": self._at_units(symbol_units),
            "trace": self._at_units(trace_units),
            "phrases": self._at_units(phrase_units),
        }
        return self._fused({**placed, **orders(later)}, units)

    def _fused(self, files: Mapping[str, list[int]], units: Mapping[str, Mapping[Unit, float]]) -> Evidence:
        likely = self.catalogue.likely
        of_files = fuse(files, OF_FILES, lambda number: likely[number])
        best = max(of_files.scores.values(), default=1.0)
        its_file = {
            unit: OF_ITS_FILE * of_files.scores.get(unit[0], 0.0) / best
            for ranking in units.values()
            for unit in ranking
        }
        of_units = fuse(orders(units), OF_UNITS, lambda unit: likely[unit[0]], {"file": its_file})
        return Evidence(of_files, of_units)

    def _at_units(self, found: Mapping[Unit, float]) -> dict[Unit, float]:
        """Give what was found in a nested function to the function that a hit shows."""
        scores: dict[Unit, float] = defaultdict(float)
        for number, ordinal in ranked(found)[:_SYMBOLS_SHOWN]:
            outline = self.outline(number)
            unit = outline.unit(ordinal)
            scores[number, unit if outline.is_callable(unit) else ordinal] += found[number, ordinal]
        return scores

    def _outline(self, number: int) -> Outline:
        path = self.catalogue.paths[number]
        return Outline(path, self.view.scopes(path).columns.definitions)


def _summed(passages: Mapping[Unit, float]) -> dict[int, float]:
    scores: dict[int, float] = defaultdict(float)
    for unit in ranked(passages)[:_UNITS_SUMMED]:
        scores[unit[0]] += passages[unit] ** 2
    return scores


def _best(passages: Mapping[Unit, float]) -> dict[int, float]:
    """Return what the best two definitions of each file score: the many others of a long file say little."""
    scores: dict[int, float] = defaultdict(float)
    counted: dict[int, int] = defaultdict(int)
    for unit in ranked(passages):
        if counted[unit[0]] < _BEST_OF_FILE:
            counted[unit[0]] += 1
            scores[unit[0]] += passages[unit]
    return scores


def _seeds(files: Mapping[str, Mapping[int, float]]) -> dict[int, float]:
    """Return the files to start the walk at: the best by what was found so far."""
    scores: dict[int, float] = defaultdict(float)
    for name, power, weight in (
        ("words", 2, 1.0),
        ("definitions", 1, 1.0),
        ("trace", 1, 1.0),
        ("symbols", 1, 0.5),
    ):
        most = max(files[name].values(), default=0.0)
        for number, score in files[name].items():
            scores[number] += weight * (score / most) ** power if most else 0.0
    return {number: scores[number] for number in ranked(scores)[:_SEEDS]}
