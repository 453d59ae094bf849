"""A map of a repository within a budget of tokens: headers of what matters, for a task or at large."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from agent.index.facts import CALLABLE, HOLDER, MODULE
from agent.index.search.fusion import ranked
from agent.index.search.hybrid import Search
from agent.index.search.passages import Outline
from agent.index.search.places import Unit
from agent.index.tokens import estimate_tokens

_TRIES = 40
"""Definitions in a row that may not fit before the map is full."""
_FILES = 80
_SHARES = (0, 6, 20, 1 << 30)
"""How many definitions of each file come before further ones of the files before it."""
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class RepoMap:
    """The text, how many tokens it is by our estimate, and the files in it, best first."""

    text: str
    tokens: int
    files: tuple[str, ...]


def repo_map(search: Search, tokens: int = 2048, text: str = "", files: int = _FILES) -> RepoMap:
    """Return a map of at most `tokens` and `files`: of what a text is about, else of what much depends on."""
    drawing = _Drawing(search, tokens, files)
    missed = 0
    for unit in _wanted(search, text):
        missed = 0 if drawing.add(unit) else missed + 1
        if missed > _TRIES:
            break
    return drawing.finished()


def _wanted(search: Search, text: str) -> Iterator[Unit]:
    """Yield definitions in the order in which they should be in the map."""
    evidence = search.evidence(text) if text.strip() else None
    files = ranked(evidence.files.scores) if evidence else search.ground.central()
    if evidence:
        yield from ranked(evidence.units.scores)
    telling = {number: _telling(search.ground.outline(number)) for number in files[:_FILES]}
    for start, end in pairwise(_SHARES):
        yield from ((number, one) for number, found in telling.items() for one in found[start:end])


def _telling(outline: Outline) -> list[int]:
    """Return the definitions that say what a file is for: public before private, outer before inner."""
    kept = [
        (name.startswith("_"), outline.depth(ordinal), ordinal)
        for ordinal, (name, _, kind, *_) in enumerate(outline.rows)
        if kind in CALLABLE | HOLDER and outline.unit(ordinal) == ordinal
    ]
    return [ordinal for *_, ordinal in sorted(kept)]


class _Drawing:
    """Lines chosen so far, and what they cost."""

    def __init__(self, search: Search, budget: int, files: int) -> None:
        self._ground = search.ground
        self._budget = budget
        self._files = files
        self._spent = 0
        self._chosen: dict[int, set[int]] = defaultdict(set)

    def add(self, unit: Unit) -> bool:
        """Take a definition, the classes around it and its file's name along; False when they do not fit."""
        number, ordinal = unit
        outline = self._ground.outline(number)
        lines = [one for one in outline.around(ordinal) if one not in self._chosen.get(number, ())]
        cost = sum(estimate_tokens(_line(outline, one)) for one in lines)
        if number not in self._chosen:
            cost += estimate_tokens(self._heading(number))
        is_full = number not in self._chosen and len(self._chosen) >= self._files
        if is_full or self._spent + cost > self._budget:
            return False
        self._spent += cost
        self._chosen[number].update(lines)
        return True

    def finished(self) -> RepoMap:
        """Return the map, files in the order in which they came in."""
        text = "".join(self._drawn(number) for number in self._chosen)
        return RepoMap(
            text, self._spent, tuple(self._ground.catalogue.paths[number] for number in self._chosen)
        )

    def _drawn(self, number: int) -> str:
        outline = self._ground.outline(number)
        return self._heading(number) + "".join(_line(outline, one) for one in sorted(self._chosen[number]))

    def _heading(self, number: int) -> str:
        return f"{self._ground.catalogue.paths[number]}\n"


def _line(outline: Outline, ordinal: int) -> str:
    if ordinal == MODULE:
        return ""
    row = outline.rows[ordinal]
    header = row[9] or f"{row[2]} {row[0]}"
    shown = header if len(header) <= _LONGEST else f"{header[: _LONGEST - 1]}…"
    return f"{'  ' * (outline.depth(ordinal) + 1)}{row[4]}: {shown}\n"
