"""What the code index says about a failure: what its tests call, and what its messages are about."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from agent.index.code_index import CodeIndex
from agent.index.errors import IndexDamaged, IndexUnavailable
from agent.index.facts import CALLABLE
from agent.index.search.hybrid import Search
from agent.index.snapshot import SnapshotView
from agent.planners.planner import Problem
from agent.protocol.check import TestResult

_FADING = 0.7
"""What one more call in between leaves of a hint."""
_FARTHEST = 4
_MOST_REACHED = 200
_MOST_HITS = 20
_MOST_TESTS = 5
_LONGEST = 4000
_NEAR, _SAID = 0.6, 0.4


@dataclass(frozen=True, slots=True)
class Hint:
    """A function, the lines it spans, and how much the index has against it, in 0..1."""

    path: str
    first_line: int
    last_line: int
    score: float


class Hints:
    """The hints of one failure."""

    def __init__(self, found: Sequence[Hint] = ()) -> None:
        self._by_path: dict[str, list[Hint]] = defaultdict(list)
        for one in found:
            self._by_path[one.path].append(one)

    def __iter__(self) -> Iterator[Hint]:
        return (one for own in self._by_path.values() for one in own)

    def at(self, path: str, line: int) -> float:
        """Return the strongest hint at a line, 0 when there is none."""
        around = (one.score for one in self._by_path.get(path, ()) if one.first_line <= line <= one.last_line)
        return max(around, default=0.0)


def read_hints(problem: Problem) -> Hints:
    """Return what the index says of a problem's base; none when the index cannot be used."""
    try:
        with CodeIndex(problem.store) as index:
            return Hints(_hints(index.tree(problem.tree), problem.failing))
    except (IndexDamaged, IndexUnavailable):
        # A fix does not depend on it.
        return Hints()


def _hints(view: SnapshotView, failing: Sequence[TestResult]) -> list[Hint]:
    scores: dict[tuple[str, int], float] = defaultdict(float)
    for weight, found in ((_NEAR, _called(view, failing)), (_SAID, _spoken_of(view, failing))):
        for place, score in found.items():
            scores[place] += weight * score
    top = max(scores.values(), default=1.0)
    symbols = ((view.symbol(*place), score / top) for place, score in scores.items())
    return [Hint(one.path, one.start_line, one.end_line, score) for one, score in symbols]


def _called(view: SnapshotView, failing: Sequence[TestResult]) -> dict[tuple[str, int], float]:
    """Return what the tests call, directly or not: the nearer and the surer, the more."""
    reached: dict[tuple[str, int], float] = {}
    for test in failing[:_MOST_TESTS]:
        path, _, name = test.id.partition("::")
        named = name.partition("[")[0].replace("::", ".")
        begun = [(one.path, one.ordinal) for one in view.find(named) if one.path == path] if named else []
        waiting = [(place, 0, 1.0) for place in begun]
        for place, distance, score in islice(waiting, _MOST_REACHED):
            for edge in view.callees(*place) if distance < _FARTHEST else ():
                target, nearer = (edge.target_path, edge.target), score * edge.confidence * _FADING
                if edge.target >= 0 and reached.get(target, 0.0) < nearer:
                    reached[target] = nearer
                    waiting.append((target, distance + 1, nearer))
    top = max(reached.values(), default=1.0)
    return {place: score / top for place, score in reached.items() if not view.files()[place[0]].is_test}


def _spoken_of(view: SnapshotView, failing: Sequence[TestResult]) -> Mapping[tuple[str, int], float]:
    """Return the functions that search finds for the names and messages of the tests."""
    said = "\n".join(f"{test.id}\n{test.message}\n{test.details}" for test in failing[:_MOST_TESTS])[
        :_LONGEST
    ]
    search = Search(view, edges=view.edges() if view.edges_ready() else None)
    found: dict[tuple[str, int], float] = {}
    for hit in search.hits(said, _MOST_HITS):
        if hit.kind in CALLABLE and not view.files()[hit.path].is_test:
            symbol = view.definition_at(hit.path, hit.start)
            if symbol is not None:
                found[hit.path, symbol.ordinal] = 1 / (1 + len(found))
    return found
