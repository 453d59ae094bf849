"""Hybrid search: the places that a name, a sentence or a whole issue text is about, best first."""

import math
from collections.abc import Iterator, Sequence
from itertools import accumulate

from agent.index.facts import MODULE
from agent.index.search.evidence import Evidence, Ground, SearchView
from agent.index.search.fusion import ranked
from agent.index.search.hit import Hit
from agent.index.search.places import Unit
from agent.index.search.proximity import Edges
from agent.index.search.query import read_query
from agent.index.snapshot import SnapshotView
from agent.repo.history import PastCommit, past_commits

_SPREAD = 2
"""So many hits for each file, at most, before the next file's best is shown."""


def search_of(view: SnapshotView) -> "Search":
    """Return the search of a snapshot, with its past, and its edges where they are resolved already."""
    edges = view.edges() if view.edges_ready() else None
    return Search(view, past_commits(view.git, view.commit), edges)


class Search:
    """Searches one view. Keep it as long as the view: what no question changes is read only once."""

    def __init__(
        self, view: SearchView, commits: Sequence[PastCommit] = (), edges: Edges | None = None
    ) -> None:
        """Take what `past_commits` returns for the view's commit, and `view.edges()` where that is ready."""
        self.view = view
        self.ground = Ground(view, commits, edges or {})

    def prepare(self) -> Iterator[None]:
        """Read what questions need of the files, one at each step; several threads may go on in turn."""
        return self.ground.prepare()

    def evidence(self, text: str) -> Evidence:
        """Return every file and definition that something speaks for, with its score."""
        return self.ground.weigh(read_query(text))

    def hits(self, text: str, limit: int = 20) -> list[Hit]:
        """Return definitions, and parts of files outside of any, best first."""
        found = self.evidence(text)
        return [self._hit(unit, score, found) for unit, score in _ordered(found, limit)]

    def files(self, text: str, limit: int = 20) -> list[Hit]:
        """Return whole files, best first; `symbol` is empty."""
        found = self.evidence(text)
        paths = self.ground.catalogue.paths
        return [
            Hit(
                paths[number],
                1,
                self._lines(number),
                "",
                "file",
                found.files.scores[number],
                found.files.parts(number),
            )
            for number in ranked(found.files.scores)[:limit]
        ]

    def _hit(self, unit: Unit, score: float, found: Evidence) -> Hit:
        number, ordinal = unit
        path, why = self.ground.catalogue.paths[number], _explained(unit, found)
        if (lifted := score - found.units.scores.get(unit, 0.0)) > 0:
            why["file.place"] = lifted
        if ordinal == MODULE:
            return Hit(path, 1, self._lines(number), "", "file", score, why)
        row = self.ground.outline(number).rows[ordinal]
        return Hit(path, row[4], row[5], row[1], str(row[2]), score, why)

    def _lines(self, number: int) -> int:
        return max(1, self.view.scopes(self.ground.catalogue.paths[number]).columns.lines)


def _ordered(found: Evidence, limit: int) -> list[tuple[Unit, float]]:
    """Return the first units with falling scores, the best of the file at place n at place 2n or before."""
    scores, units = found.units.scores, ranked(found.units.scores)
    best: dict[int, Unit] = {}
    for unit in units:
        best.setdefault(unit[0], unit)
    # Whatever is beyond the limit in both orders is beyond it in the end.
    places: dict[Unit, float] = {unit: place for place, unit in enumerate(units[:limit], 1)}
    for place, number in enumerate(ranked(found.files.scores)[:limit], 1):
        unit = best.get(number, (number, MODULE))
        places[unit] = min(places.get(unit, math.inf), _SPREAD * place - 0.5)
    order = sorted(places, key=lambda unit: (places[unit], unit))[:limit]
    least = next((scores[unit] for unit in units if unit not in order), 0.0)
    own = [scores.get(unit, 0.0) for unit in reversed(order)]
    falling = list(accumulate(own, max, initial=least))[1:]
    return list(zip(order, reversed(falling), strict=True))


def _explained(unit: Unit, found: Evidence) -> dict[str, float]:
    """Return the parts of a score, the share of its file shown by what speaks for the file."""
    parts = found.units.parts(unit)
    of_file = found.files.parts(unit[0])
    share = parts.pop("file", 0.0) / (sum(of_file.values()) or 1.0)
    return {**parts, **{f"file.{name}": share * part for name, part in of_file.items()}}
