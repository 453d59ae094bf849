"""BM25 over the words of definitions, within the files that the other rankers found."""

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, compress, count
from sys import intern
from typing import Final, NamedTuple, Protocol

from agent.index.definitions import DefinitionRow, boundaries
from agent.index.facts import CALLABLE, HOLDER, MODULE, Kind
from agent.index.search.catalogue import Catalogue
from agent.index.search.places import Unit
from agent.index.words import SPACED, terms_of, words

_SATURATION, _NORMALIZATION = 0.9, 0.35
_OWN_NAME, _PARENTS_NAME, _PATH = 3, 1, 2
"""How often a word of the name, of the class and of the path counts, as if it stood in the body."""
_PLACE: Final = 16
_MOST: Final = (1 << _PLACE) - 1
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
        self._path = words(path.encode("utf-8", "replace")) * _PATH

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

    def named(self, ordinal: int) -> list[bytes]:
        """Return the words that path and names add to a unit, as often as each counts."""
        if ordinal == MODULE:
            return self._path
        *parents, own = self.rows[ordinal][_QUALNAME].encode("utf-8", "replace").split(b".")
        return [*self._path, *[own] * _OWN_NAME, *parents * _PARENTS_NAME]

    def parts(self, size: int) -> Iterator[tuple[int, int, int]]:
        """Yield the innermost definition, start and end byte of every part of a file of `size` bytes."""
        edges, owners = boundaries(self.rows)
        return zip(owners, edges, [*edges[1:], size], strict=True)

    def _unit(self, ordinal: int, row: DefinitionRow) -> int:
        above = self.unit(row[_PARENT])
        if self.is_callable(above) or row[_KIND] in _FOLDED:
            return above
        return ordinal if row[_KIND] in CALLABLE | HOLDER or row[_KIND] == Kind.SECTION else above


FindOutline = Callable[[int], Outline]
"""Asked only for the files that have to be cut."""


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
    """Where the part of each word in the next one ends."""
    places: "array[int]"
    """Place in `units` and count, 16 bits each."""


class Words(dict[bytes, int]):
    """Numbers for the words of a repository, given out when first asked for, and which have a term."""

    def __init__(self) -> None:
        super().__init__()
        self.terms: list[tuple[str, ...]] = []
        """By number."""
        self._by_term: dict[str, list[int]] = {}

    def __missing__(self, word: bytes) -> int:
        found = self[word] = len(self)
        terms = tuple(map(intern, terms_of(word.decode("utf-8", "replace"))))
        self.terms.append(terms)
        for term in terms:
            self._by_term.setdefault(term, []).append(found)
        return found

    def having(self, terms: Iterable[str]) -> set[int]:
        """Return the words that have some of the terms."""
        return set().union(*(self._by_term.get(term, ()) for term in terms))


class Wanted(dict[int, list[str]]):
    """The terms of a question that a word has, found when the word is met: most never are."""

    def __init__(self, words: Words, weighed: Mapping[str, float]) -> None:
        super().__init__()
        self._words = words
        self._weighed = weighed
        self.words = words.having(weighed)

    def __missing__(self, word: int) -> list[str]:
        found = self[word] = [term for term in self._words.terms[word] if term in self._weighed]
        return found


class Passages:
    """Scores the definitions of files; each file is cut into words once and kept in a few kilobytes."""

    def __init__(self, view: Contents, catalogue: Catalogue) -> None:
        self._view = view
        self._paths = catalogue.paths
        self._words = Words()
        self._cuts: dict[int, Cut] = {}

    def score(
        self, weighed: Mapping[str, float], numbers: Sequence[int], outline: FindOutline
    ) -> dict[Unit, float]:
        """Return the score of every unit, in the files given, that has a term."""
        self.cut(numbers, outline)
        wanted = Wanted(self._words, weighed)
        lengths: list[int] = []
        matched: list[tuple[Unit, int, dict[str, float]]] = []
        for number in numbers:
            cut = self._cuts[number]
            lengths += cut.lengths
            for place, counts in _matches(cut, wanted).items():
                matched.append(((number, cut.units[place]), cut.lengths[place], counts))
        mean = sum(lengths) / max(1, len(lengths)) or 1.0
        return {unit: _score(counts, weighed, length / mean) for unit, length, counts in matched}

    def cut(self, numbers: Sequence[int], outline: FindOutline) -> None:
        """Cut those of some files that were not cut before."""
        missing = [number for number in numbers if number not in self._cuts]
        contents = self._view.read_many([self._paths[number] for number in missing]) if missing else {}
        for number in missing:
            self._cuts[number] = self._cut_one(outline(number), contents[self._paths[number]])

    def _cut_one(self, outline: Outline, source: bytes) -> Cut:
        own: dict[int, list[bytes]] = {}
        spaced = source.translate(SPACED)
        for owner, start, end in outline.parts(len(source)):
            own.setdefault(outline.unit(owner), []).extend(spaced[start:end].split())
        lengths = list(map(len, own.values()))
        occurs: dict[bytes, list[int]] = {}
        for place, (ordinal, found) in enumerate(own.items()):
            found += outline.named(ordinal)
            # All words of all candidates come by here, so that every call would show.
            for word, times in Counter(found).items():
                if word in occurs:
                    occurs[word].append(place << _PLACE | (times if times < _MOST else _MOST))
                else:
                    occurs[word] = [place << _PLACE | (times if times < _MOST else _MOST)]
        return Cut(
            list(own),
            lengths,
            array("I", map(self._words.__getitem__, occurs)),
            array("I", accumulate(map(len, occurs.values()))),
            array("I", chain.from_iterable(occurs.values())),
        )


def _matches(cut: Cut, wanted: Wanted) -> dict[int, dict[str, float]]:
    """Return how often the wanted terms occur in each unit that has some, by its place in the cut."""
    # Most words match nothing: one plain pass over all of them is what takes the time.
    hits = compress(count(), map(wanted.words.__contains__, cut.words))
    found: dict[int, dict[str, float]] = {}
    for hit in hits:
        terms = wanted[cut.words[hit]]
        for packed in cut.places[cut.ends[hit - 1] if hit else 0 : cut.ends[hit]]:
            counts = found.setdefault(packed >> _PLACE, {})
            for term in terms:
                counts[term] = counts.get(term, 0.0) + (packed & _MOST)
    return found


def _score(counts: Mapping[str, float], weighed: Mapping[str, float], length: float) -> float:
    norm = _SATURATION * (1 - _NORMALIZATION + _NORMALIZATION * length)
    return sum(weighed[term] * count * (_SATURATION + 1) / (count + norm) for term, count in counts.items())
