"""Who calls what in one snapshot, and which files depend on which."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Protocol

from agent.index.facts import HOLDER, MODULE
from agent.index.resolve import EXACT, INHERITED, Resolver, Sources, Target
from agent.index.scopes import Scopes
from agent.index.view import Edge, Symbol

_CONSTRUCTORS = frozenset(
    {"__init__", "__new__", "__post_init__", "constructor", "__construct", "initialize"}
)
_ALIASED = 4.0


class CallSources(Sources, Protocol):
    """Where the call graph reads from."""

    def calling(self, name: str) -> Sequence[str]:
        """Return the paths in which a name is called, or imported under another name."""


class CallGraph:
    """Resolves calls when they are asked for."""

    def __init__(self, sources: CallSources) -> None:
        self._sources = sources
        self._resolver = Resolver(sources)

    def callers(self, symbol: Symbol) -> list[Edge]:
        """Return the calls that can reach a symbol, surest first."""
        found = list(self._callers(symbol, EXACT))
        owner = self._constructed(symbol)
        if owner is not None:
            found += self._callers(owner, INHERITED)
        return sorted(found, key=lambda edge: (-edge.confidence, edge.path, edge.line))

    def callees(self, path: str, definition: int) -> list[Edge]:
        """Return what the calls in one definition can reach, in the order of the file."""
        found = []
        scopes = self._sources.scopes(path)
        for receiver, name, ends in scopes.columns.calls:
            places = [end for end in ends if scopes.around(end - 1) == definition]
            if places:
                for target in self._resolver.call(path, definition, receiver, name):
                    found += [_edge(scopes, path, definition, end, target) for end in places]
        return sorted(found, key=lambda edge: (edge.line, -edge.confidence))

    def depends_on(self, path: str) -> dict[str, float]:
        """Return the files that one file calls, imports from or inherits from, with a weight."""
        scopes = self._sources.scopes(path)
        weights: dict[str, float] = defaultdict(float)
        for module, name, _, _ in scopes.columns.imports:
            for target in self._resolver.imported(path, module, name):
                weights[target.path] += target.confidence
        for ordinal, name in scopes.columns.parents:
            for target in self._resolver.name(path, ordinal, name):
                weights[target.path] += target.confidence
        for receiver, name, ends in scopes.columns.calls:
            for target in self._resolver.call(path, scopes.around(ends[0] - 1), receiver, name):
                weights[target.path] += target.confidence * len(ends) ** 0.5
        weights.pop(path, None)
        return dict(weights)

    def _callers(self, symbol: Symbol, most: float) -> Iterator[Edge]:
        wanted = (symbol.path, symbol.ordinal)
        for path in self._sources.calling(symbol.name):
            scopes = self._sources.scopes(path)
            names = {symbol.name, *_aliases(scopes.columns.imports, symbol.name)}
            for receiver, name, ends in scopes.columns.calls:
                if name in names:
                    yield from self._reaching(path, (receiver, name), ends, wanted, most)

    def _reaching(
        self, path: str, callee: tuple[str, str], ends: Sequence[int], wanted: tuple[str, int], most: float
    ) -> Iterator[Edge]:
        scopes = self._sources.scopes(path)
        answers: dict[int, Target | None] = {}
        for end in ends:
            ordinal = scopes.around(end - 1)
            if ordinal not in answers:
                targets = self._resolver.call(path, ordinal, *callee)
                answers[ordinal] = next((t for t in targets if (t.path, t.ordinal) == wanted), None)
            if (target := answers[ordinal]) is not None:
                sure = target._replace(confidence=min(most, target.confidence))
                yield _edge(scopes, path, ordinal, end, sure)

    def _constructed(self, symbol: Symbol) -> Symbol | None:
        """Return the class that is called when this is its constructor."""
        scopes = self._sources.scopes(symbol.path)
        parent = scopes.rows[symbol.ordinal][3]
        if parent == MODULE or scopes.rows[parent][2] not in HOLDER:
            return None
        row = scopes.rows[parent]
        if symbol.name not in _CONSTRUCTORS and symbol.name != row[0]:
            return None
        found = self._sources.find(row[0])
        return next((one for one in found if (one.path, one.ordinal) == (symbol.path, parent)), None)


def _aliases(imports: Sequence[tuple[str, str, str, int]], name: str) -> Iterator[str]:
    return (alias for _, taken, alias, _ in imports if taken == name and alias != name)


def _edge(scopes: Scopes, path: str, ordinal: int, end: int, target: Target) -> Edge:
    return Edge(path, ordinal, scopes.columns.line(end - 1), target.path, target.ordinal, target.confidence)
