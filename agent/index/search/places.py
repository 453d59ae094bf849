"""Places that a question names outright: frames of traces, paths, dotted modules, quoted messages."""

from collections import defaultdict
from typing import Protocol

from agent.index.search.catalogue import Catalogue
from agent.index.search.pattern import Contents
from agent.index.search.query import Query
from agent.index.view import View


class Phrases(View, Contents, Protocol):
    """What is read of a view here."""


Unit = tuple[int, int]
"""A definition: the number of its file, and its ordinal there."""
_FADING = 0.7
_OF_MODULE = 0.7
_PHRASES = 4
_FILES_OF_PHRASE = 8


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


def score_phrases(
    query: Query, view: Phrases, catalogue: Catalogue
) -> tuple[dict[int, float], dict[Unit, float]]:
    """Return files and definitions that hold a phrase of the question word for word; few of them only."""
    files: dict[int, float] = defaultdict(float)
    units: dict[Unit, float] = defaultdict(float)
    for phrase in query.quoted[:_PHRASES]:
        # Only whole words: the first and the last may be parts of others, which takes long to look up.
        paths = view.candidates([phrase[phrase.index(" ") : phrase.rindex(" ") + 1].encode()])
        contents = view.read_many(paths) if len(paths) <= _FILES_OF_PHRASE else {}
        holding = {path: content for path, content in contents.items() if phrase.encode() in content}
        for path, content in holding.items():
            number = catalogue.numbers[path]
            files[number] += 1 / len(holding)
            around = view.definition_at(path, content[: content.index(phrase.encode())].count(b"\n") + 1)
            if around:
                units[number, around.ordinal] += 1 / len(holding)
    return files, units
