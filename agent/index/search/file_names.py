"""Files named by the question: `test_tracking` means `pkg/tracking.py`, `man page` means `manpage.py`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from agent.index.search.catalogue import Catalogue
from agent.index.search.files import Postings, rarity
from agent.index.search.query import STOP, Query

_SHORTEST = 3
_MOST_ALIKE = 3


def score_file_names(query: Query, postings: Postings, catalogue: Catalogue) -> dict[int, float]:
    """Return the files of code that are called as a word of the question; a rare word tells most."""
    names = ((name, weight) for word, weight in query.words.items() for name in _names(word))
    return _called(names, postings, catalogue)


def score_joined_names(query: Query, postings: Postings, catalogue: Catalogue) -> dict[int, float]:
    """Return the files of code that are called as words that stand side by side in the question."""
    names = sorted(query.joined.keys() & catalogue.by_stem.keys())
    return _called(((name, query.joined[name]) for name in names), postings, catalogue)


def _called(names: Iterable[tuple[str, float]], postings: Postings, catalogue: Catalogue) -> dict[int, float]:
    scores: dict[int, float] = defaultdict(float)
    for name, weight in names:
        found = catalogue.by_stem.get(name, ())
        if 0 < len(found) <= _MOST_ALIKE:
            # A name that stands in no text at all is the rarest.
            said = max(1, len(postings[name].files))
            share = weight * rarity(said, catalogue.count) / len(found)
            for number in found:
                scores[number] += share
    return scores


def _names(word: str) -> Iterator[str]:
    """Yield what a file may be called that a word means: itself, and what a test is named after."""
    forms = {word, word.removeprefix("test_"), word.removesuffix("_test"), word.replace("_", "")}
    return (form for form in sorted(forms) if len(form) >= _SHORTEST and form not in STOP)
