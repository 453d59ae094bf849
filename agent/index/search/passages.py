"""BM25 over the words of definitions, within the files that the other rankers found."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final, NamedTuple, Protocol

from agent.index.definitions import DefinitionRow, boundaries
from agent.index.facts import CALLABLE, HOLDER, MODULE, Kind
from agent.index.search.catalogue import Catalogue
from agent.index.search.places import Unit
from agent.index.words import SPACED, terms_of, words

_SATURATION, _NORMALIZATION = 0.9, 0.35
_OWN_NAME, _PARENTS_NAME, _PATH = 3, 1, 2
"""How often a word of the name, of the class and of the path counts, as if it stood in the body."""
_MOST = (1 << 16) - 1
_QUALNAME: Final = 1
_KIND: Final = 2
_PARENT: Final = 3
_FOLDED = frozenset({Kind.CONSTANT, Kind.VARIABLE, Kind.FIELD})


class Outline:
    """The definitions of one file, and which of them answers for which: the unit that a hit shows."""

    def __init__(self, path: str, rows: Sequence[DefinitionRow]) -> None:
        self.rows = rows
        self.units = [MODULE] * len(rows)
        for ordinal, row in enumerate(rows):
            self.units[ordinal] = self._unit(ordinal, row)
        self._path = words(path.encode("utf-8", "replace"))

    def unit(self, ordinal: int) -> int:
        """Return the outermost function, else the innermost class, around a definition; MODULE for none."""
        return self.units[ordinal] if ordinal != MODULE else MODULE

    def around(self, ordinal: int) -> list[int]:
        """Return a definition and those it is in, outermost first; nothing for MODULE."""
        found: list[int] = []
        while ordinal != MODULE:
            found.append(ordinal)
            ordinal = self.rows[ordinal][_PARENT]
        return found[::-1]

    def depth(self, ordinal: int) -> int:
        """Return in how many others a definition is."""
        return len(self.around(ordinal)) - 1

    def is_callable(self, ordinal: int) -> bool:
        """Return whether a definition is a function or method."""
        return ordinal != MODULE and self.rows[ordinal][_KIND] in CALLABLE

    def named(self, ordinal: int) -> Iterator[tuple[bytes, int]]:
        """Yield the words that path and names add to a unit, with how often each counts."""
        yield from ((word, _PATH) for word in self._path)
        if ordinal != MODULE:
            *parents, own = self.rows[ordinal][_QUALNAME].split(".")
            yield own.encode("utf-8", "replace"), _OWN_NAME
            yield from ((parent.encode("utf-8", "replace"), _PARENTS_NAME) for parent in parents)

    def parts(self, size: int) -> Iterator[tuple[int, int, int]]:
        """Yield the innermost definition, start and end byte of every part of a file of `size` bytes."""
        edges, owners = boundaries(self.rows)
        return zip(owners, edges, [*edges[1:], size], strict=True)

    def _unit(self, ordinal: int, row: DefinitionRow) -> int:
        above = self.unit(row[_PARENT])
        if self.is_callable(above) or row[_KIND] in _FOLDED:
            return above
        return ordinal if row[_KIND] in CALLABLE | HOLDER or row[_KIND] == Kind.SECTION else above


class Contents(Protocol):
    """What is read of a view here."""

    def read_many(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of several files."""


class Cut(NamedTuple):
    """One file cut into words: for each distinct one, the units that have it."""

    units: list[int]
    """The ordinal of each."""
    lengths: list[int]
    """The number of words of each."""
    words: "array[int]"
    ends: "array[int]"
    """Where the part of each word in the next two ends."""
    places: "array[int]"
    """Places in `units`."""
    counts: "array[int]"


class Words:
    """Numbers for the words of a repository, and which of them have a term."""

    def __init__(self) -> None:
        self._numbers: dict[bytes, int] = {}
        self._by_term: dict[str, list[int]] = {}

    def number(self, word: bytes) -> int:
        """Return the number of a word, a new one for a new word."""
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self._numbers)
            for term in terms_of(word.decode("utf-8", "replace")):
                self._by_term.setdefault(term, []).append(found)
        return found

    def having(self, terms: Iterable[str]) -> dict[int, list[str]]:
        """Return the words that have some of the terms, with those."""
        found: dict[int, list[str]] = {}
        for term in terms:
            for number in self._by_term.get(term, ()):
                found.setdefault(number, []).append(term)
        return found


class Passages:
    """Scores the definitions of files; each file is cut into words once and kept in a few kilobytes."""

    def __init__(self, view: Contents, catalogue: Catalogue) -> None:
        self._view = view
        self._paths = catalogue.paths
        self._words = Words()
        self._cuts: dict[int, Cut] = {}

    def score(self, weighed: Mapping[str, float], outlines: Mapping[int, Outline]) -> dict[Unit, float]:
        """Return the score of every unit, in the files given, that has a term."""
        self._cut(outlines)
        wanted = self._words.having(weighed)
        lengths: list[int] = []
        matched: list[tuple[Unit, int, dict[str, float]]] = []
        for number in outlines:
            cut = self._cuts[number]
            lengths += cut.lengths
            for place, counts in _matches(cut, wanted).items():
                matched.append(((number, cut.units[place]), cut.lengths[place], counts))
        mean = sum(lengths) / max(1, len(lengths)) or 1.0
        return {unit: _score(counts, weighed, length / mean) for unit, length, counts in matched}

    def _cut(self, outlines: Mapping[int, Outline]) -> None:
        missing = [number for number in outlines if number not in self._cuts]
        contents = self._view.read_many([self._paths[number] for number in missing]) if missing else {}
        for number in missing:
            self._cuts[number] = self._cut_one(outlines[number], contents[self._paths[number]])

    def _cut_one(self, outline: Outline, source: bytes) -> Cut:
        own: dict[int, list[bytes]] = {}
        spaced = source.translate(SPACED)
        for owner, start, end in outline.parts(len(source)):
            own.setdefault(outline.unit(owner), []).extend(spaced[start:end].split())
        lengths = [len(found) for found in own.values()]
        occurs: dict[bytes, list[tuple[int, int]]] = {}
        for place, (ordinal, found) in enumerate(own.items()):
            counted = Counter(found)
            for word, count in outline.named(ordinal):
                counted[word] += count
            for word, count in counted.items():
                occurs.setdefault(word, []).append((place, min(count, _MOST)))
        return Cut(
            list(own),
            lengths,
            array("I", map(self._words.number, occurs)),
            array("I", accumulate(map(len, occurs.values()))),
            array("H", [place for found in occurs.values() for place, _ in found]),
            array("H", [count for found in occurs.values() for _, count in found]),
        )


def _matches(cut: Cut, wanted: Mapping[int, list[str]]) -> dict[int, dict[str, float]]:
    """Return how often the wanted terms occur in each unit that has some, by its place in the cut."""
    # Most words match nothing: one plain pass over all of them is what takes the time.
    hits = [place for place, word in enumerate(cut.words) if word in wanted]
    found: dict[int, dict[str, float]] = {}
    for hit in hits:
        terms = wanted[cut.words[hit]]
        for place in range(cut.ends[hit - 1] if hit else 0, cut.ends[hit]):
            counts = found.setdefault(cut.places[place], {})
            for term in terms:
                counts[term] = counts.get(term, 0.0) + cut.counts[place]
    return found


def _score(counts: Mapping[str, float], weighed: Mapping[str, float], length: float) -> float:
    norm = _SATURATION * (1 - _NORMALIZATION + _NORMALIZATION * length)
    return sum(weighed[term] * count * (_SATURATION + 1) / (count + norm) for term, count in counts.items())
