"""Hybrid search: the places that a name, a sentence or a whole issue text is about, best first."""

from collections.abc import Sequence

from agent.index.facts import MODULE
from agent.index.search.evidence import Evidence, Ground, SearchView
from agent.index.search.fusion import ranked
from agent.index.search.hit import Hit
from agent.index.search.places import Unit
from agent.index.search.proximity import Edges
from agent.index.search.query import read_query
from agent.repo.history import PastCommit


class Search:
    """Searches one view. Keep it as long as the view: what no question changes is read only once."""

    def __init__(
        self, view: SearchView, commits: Sequence[PastCommit] = (), edges: Edges | None = None
    ) -> None:
        """Take what `past_commits` returns for the view's commit, and `view.edges()` where that is ready."""
        self.view = view
        self.ground = Ground(view, commits, edges or {})

    def evidence(self, text: str) -> Evidence:
        """Return every file and definition that something speaks for, with its score."""
        return self.ground.weigh(read_query(text))

    def hits(self, text: str, limit: int = 20) -> list[Hit]:
        """Return definitions, and parts of files outside of any, best first."""
        found = self.evidence(text)
        return [self._hit(unit, found) for unit in ranked(found.units.scores)[:limit]]

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

    def _hit(self, unit: Unit, found: Evidence) -> Hit:
        number, ordinal = unit
        path, score = self.ground.catalogue.paths[number], found.units.scores[unit]
        why = _explained(unit, found)
        if ordinal == MODULE:
            return Hit(path, 1, self._lines(number), "", "file", score, why)
        row = self.ground.outline(number).rows[ordinal]
        return Hit(path, row[4], row[5], row[1], str(row[2]), score, why)

    def _lines(self, number: int) -> int:
        return max(1, self.view.scopes(self.ground.catalogue.paths[number]).columns.lines)


def _explained(unit: Unit, found: Evidence) -> dict[str, float]:
    """Return the parts of a score, the share of its file shown by what speaks for the file."""
    parts = found.units.parts(unit)
    of_file = found.files.parts(unit[0])
    share = parts.pop("file", 0.0) / (sum(of_file.values()) or 1.0)
    return {**parts, **{f"file.{name}": share * part for name, part in of_file.items()}}
