"""Places that a question names outright: frames of stack traces, quoted paths, dotted modules."""

from collections import defaultdict

from agent.index.search.catalogue import Catalogue
from agent.index.search.query import Query
from agent.index.view import View

Unit = tuple[int, int]
"""A definition: the number of its file, and its ordinal there."""
_FADING = 0.7
_OF_MODULE = 0.7


def score_frames(
    query: Query, view: View, catalogue: Catalogue
) -> tuple[dict[int, float], dict[Unit, float]]:
    """Return files and definitions of a trace, the innermost frame of the repository highest."""
    files: dict[int, float] = defaultdict(float)
    units: dict[Unit, float] = defaultdict(float)
    seen = 0
    for frame in query.frames:
        for number in catalogue.like(frame.path)[:1]:
            seen += 1
            weight = seen**-_FADING
            files[number] += weight
            found = _framed(view, catalogue.paths[number], frame.function, frame.line)
            for ordinal in found:
                units[number, ordinal] += weight / len(found)
    return files, units


def _framed(view: View, path: str, function: str, line: int) -> list[int]:
    named = [one.ordinal for one in view.definitions(path) if one.name == function]
    if named or function:
        return named
    around = view.definition_at(path, line)
    return [around.ordinal] if around else []


def score_paths_named(query: Query, catalogue: Catalogue) -> dict[int, float]:
    """Return the files whose path, or whose dotted module name, stands in the question."""
    scores: dict[int, float] = defaultdict(float)
    for path in [*query.paths, *(frame.path for frame in query.frames)]:
        found = catalogue.like(path)
        for number in found:
            scores[number] += 1 / len(found)
    for name in query.names:
        parts = name.split(".")
        for length in (len(parts), len(parts) - 1):
            if length > 1 and (found := catalogue.module(".".join(parts[:length]))):
                for number in found:
                    scores[number] += _OF_MODULE
                break
    return scores
