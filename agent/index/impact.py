"""Which tests can reach what was changed: back over calls from a symbol, over dependencies from a file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from agent.index.facts import MODULE
from agent.index.view import Symbol, View

_SURE = 0.5
"""Edges less sure than this are guesses by name; following them would reach every test."""
_DEEPEST = 6
_MOST = 300
"""Definitions that are followed from one symbol; past that its files stand for the rest."""


@dataclass(frozen=True, slots=True)
class Impact:
    """A test that can reach a change; `symbol` is "" when the file as a whole can."""

    path: str
    symbol: str
    distance: int
    """Calls, or dependencies between files, in between."""
    confidence: float
    """Product of those of the edges on the surest way."""


def impacted_tests(view: View, changed: Iterable[str]) -> list[Impact]:
    """Return the tests that can reach changed paths or symbols, nearest and surest first.

    Whatever is no path of the view is taken for a symbol's name, plain or qualified, or for `path::name`.
    A path reaches test files, a symbol the tests that call it and the files of tests that depend on its file.
    """
    files: set[str] = set()
    found: dict[tuple[str, str], Impact] = {}
    for one in changed:
        if one in view.files():
            files.add(one)
        else:
            symbols = _named(view, one)
            files.update(symbol.path for symbol in symbols)
            _keep(found, (impact for symbol in symbols for impact in _calling(view, symbol)))
    _keep(found, _depending(view, files))
    order = sorted(
        found.values(), key=lambda one: (not one.symbol, one.distance, -one.confidence, one.path, one.symbol)
    )
    return order


def _named(view: View, name: str) -> list[Symbol]:
    path, divider, symbol = name.partition("::")
    if divider and path in view.files():
        return [one for one in view.find(symbol) if one.path == path]
    return view.find(name)


def _keep(found: dict[tuple[str, str], Impact], more: Iterable[Impact]) -> None:
    for impact in more:
        key = (impact.path, impact.symbol)
        if key not in found or found[key].distance > impact.distance:
            found[key] = impact


def _calling(view: View, symbol: Symbol) -> Iterator[Impact]:
    """Yield the tests that can call a symbol."""
    waiting, seen = [(symbol, 0, 1.0)], {(symbol.path, symbol.ordinal)}
    for here, distance, confidence in waiting:
        if view.definition(here.path, here.ordinal).is_test:
            yield Impact(here.path, here.qualname, distance, confidence)
        if distance == _DEEPEST or len(seen) > _MOST:
            continue
        for edge in view.callers(here):
            at = (edge.path, edge.definition)
            if edge.definition != MODULE and edge.confidence >= _SURE and at not in seen:
                seen.add(at)
                waiting.append((_symbol(view, *at), distance + 1, confidence * edge.confidence))


def _symbol(view: View, path: str, ordinal: int) -> Symbol:
    one = view.definition(path, ordinal)
    return Symbol(path, ordinal, one.name, one.qualname, one.kind, one.start_line, one.end_line)


def _depending(view: View, files: set[str]) -> Iterator[Impact]:
    """Yield the test files that depend on some files, and those named after them."""
    users = _users(view)
    reached = dict.fromkeys(files, (0, 1.0))
    waiting = sorted(reached)
    for path in waiting:
        distance, confidence = reached[path]
        for user, weight in sorted(users.get(path, {}).items()):
            if user not in reached:
                reached[user] = (distance + 1, confidence * min(1.0, weight))
                waiting.append(user)
    for path in _named_after(view, files):
        reached[path] = (min(1, reached.get(path, (1, 1.0))[0]), 1.0)
    for path, (distance, confidence) in reached.items():
        if view.files()[path].is_test and _holds_tests(path):
            yield Impact(path, "", distance, confidence)


def _users(view: View) -> dict[str, dict[str, float]]:
    users: dict[str, dict[str, float]] = {}
    for path, targets in view.edges().items():
        for target, weight in targets.items():
            if weight >= _SURE:
                users.setdefault(target, {})[path] = weight
    for path in view.files():
        if PurePosixPath(path).name == "conftest.py":
            users.setdefault(path, {}).update(_served(view, path))
    return users


def _served(view: View, conftest: str) -> Mapping[str, float]:
    # pytest loads it for everything below its folder, which no import says.
    folder = conftest[: -len("conftest.py")]
    return {path: 1.0 for path in view.files() if path.startswith(folder) and path != conftest}


def _named_after(view: View, files: Iterable[str]) -> Iterator[str]:
    stems = {PurePosixPath(path).stem for path in files}
    names = (
        {f"test_{stem}" for stem in stems}
        | {f"{stem}_test" for stem in stems}
        | {f"{stem}.test" for stem in stems}
    )
    return (path for path in view.files() if PurePosixPath(path).stem in names)


def _holds_tests(path: str) -> bool:
    return PurePosixPath(path).name not in ("conftest.py", "__init__.py")
