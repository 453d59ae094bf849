"""Definitions whose name stands in the question; a name that few definitions have counts most."""

from collections import defaultdict
from collections.abc import Sequence

from agent.index.search.catalogue import Catalogue
from agent.index.search.places import Unit
from agent.index.search.query import Query
from agent.index.view import Symbol, View
from agent.index.words import terms

_COMMON = 0.75
_QUALIFIED = 1.3
_MOST = 400
_KEPT = 20_000


class Names:
    """Symbols of a view by name, each looked up once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[str, Sequence[Symbol]] = {}

    def __getitem__(self, name: str) -> Sequence[Symbol]:
        found = self._known.get(name)
        if found is None:
            if len(self._known) > _KEPT:
                self._known.clear()
            found = self._known[name] = tuple(self._view.find(name, _MOST + 1))
        return found if len(found) <= _MOST else ()


def score_symbols(
    query: Query, names: Names, catalogue: Catalogue
) -> tuple[dict[int, float], dict[Unit, float]]:
    """Return files and definitions by the names that are mentioned."""
    files: dict[int, float] = defaultdict(float)
    units: dict[Unit, float] = defaultdict(float)
    for name, weight in query.names.items():
        found = _meant(name, names, catalogue)
        found = [one for one in found if not catalogue.is_test(one[0])] or found
        share = weight * (_QUALIFIED if "." in name else 1.0) / max(1, len(found)) ** _COMMON
        for unit in found:
            files[unit[0]] += share
            units[unit] += share
    return files, units


def _meant(name: str, names: Names, catalogue: Catalogue) -> list[Unit]:
    found = names[name]
    if not found and "." in name:
        # `module.function`: the first part is no definition but the file's name.
        parent, _, member = name.rpartition(".")
        said = set(terms(parent.replace(".", " ")))
        found = [one for one in names[member] if said & catalogue.words[catalogue.numbers[one.path]]]
    return [(catalogue.numbers[one.path], one.ordinal) for one in found]
