"""Candidates in the order of their likelihood, made as they are asked for."""

import heapq
import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from agent.index.syntax import Function, Node, Syntax, header_end, parse
from agent.planners.search.candidate import Candidate
from agent.planners.search.ingredients import Ingredients
from agent.planners.search.scope import Scopes
from agent.planners.search.templates.site import Change, Site
from agent.planners.search.templates.table import FAMILIES, TOTAL, Family
from agent.planners.search.validity import Novelty
from agent.protocol.edit import Splice
from agent.protocol.proposal import Suspect

MOST_PER_TEMPLATE = 400
"""Edits of one template at one site; the rest is too unlikely to be reached."""
_RANK_HALF = 15
"""Rank of a site at which its share of tries has halved."""


class SourceFile:
    """One file of the tree with everything that is derived from it once."""

    def __init__(self, path: str, source: bytes, others: tuple[Syntax, ...] = ()) -> None:
        self.path = path
        self.syntax = parse(source)
        self.scopes = Scopes(self.syntax)
        self.ingredients = Ingredients(self.syntax, others)
        self.novelty = Novelty(self.syntax)

    def site(self, statement: Node) -> Site:
        """Return the site of a statement."""
        function = self.syntax.function_of(statement)
        return Site(self.syntax, statement, function, self.scopes, self.ingredients)


@dataclass(frozen=True, slots=True)
class Place:
    """A suspicious statement and how likely the fault is there."""

    file: SourceFile
    statement: Node
    suspicion: float

    @property
    def line(self) -> int:
        """Return the first line of the statement."""
        return self.statement.start_point.row + 1


def places(suspects: Iterable[Suspect], load: Callable[[str], SourceFile | None]) -> tuple[Place, ...]:
    """Return the statements that suspects name, each once, most suspicious first."""
    found: dict[tuple[str, int], Place] = {}
    for suspect in sorted(suspects, key=lambda one: -one.score):
        file = load(suspect.path)
        statement = file.syntax.statement_at(suspect.line) if file is not None else None
        if file is None or statement is None or (suspect.path, statement.start_byte) in found:
            continue
        rank = len(found)
        suspicion = (0.2 + 0.8 * suspect.score) / (1 + rank / _RANK_HALF)
        found[(suspect.path, statement.start_byte)] = Place(file, statement, suspicion)
    return tuple(found.values())


def stream(sites: Iterable[Place], *, seed: int = 0, cursor: int = 0) -> Iterator[Candidate]:
    """Yield valid, distinct candidates, the most likely first; ordinals below `cursor` are left out.

    A template runs at a site only when its turn comes: until then its best possible score stands for it.
    """
    known = tuple(sites)
    breaker = random.Random(seed)
    heap: list[tuple[float, float, int, int]] = []
    for place, at in ((place, at) for place in range(len(known)) for at in range(len(FAMILIES))):
        family = FAMILIES[at]
        bound = known[place].suspicion * family.prior * family.ceiling / TOTAL
        heapq.heappush(heap, (-bound, breaker.random(), place, at))
    running: dict[tuple[int, int], Iterator[tuple[float, Change]]] = {}
    waiting: dict[tuple[int, int], Change] = {}
    seen: dict[str, set[tuple[tuple[int, int, bytes], ...]]] = defaultdict(set)
    ordinal = -1
    while heap:
        score, tie, place, at = heapq.heappop(heap)
        key = (place, at)
        if key not in running:
            running[key] = iter(_scored(known[place], FAMILIES[at]))
        change = waiting.pop(key, None)
        following = next(running[key], None)
        if following is not None:
            waiting[key] = following[1]
            heapq.heappush(heap, (-following[0], tie, place, at))
        if change is None or change.replacements in seen[known[place].file.path]:
            continue
        seen[known[place].file.path].add(change.replacements)
        ordinal += 1
        if not known[place].file.novelty.admits(known[place].statement, change.replacements):
            continue
        if ordinal >= cursor:
            yield candidate(known[place], FAMILIES[at].name, change, ordinal, -score)


def _scored(place: Place, family: Family) -> Iterator[tuple[float, Change]]:
    site = place.file.site(place.statement)
    changes = list(islice(family.template(site), MOST_PER_TEMPLATE))
    totals: dict[int, float] = defaultdict(float)
    for change in changes:
        totals[change.group] += change.weight
    # A statement with more to change is likelier to hold the fault, but not in proportion.
    scale = place.suspicion * family.prior / TOTAL / math.sqrt(max(1, len(totals)))
    ranked = sorted(changes, key=lambda change: -change.weight / totals[change.group])
    for change in ranked:
        yield scale * change.weight / totals[change.group], change


def candidate(place: Place, template: str, change: Change, ordinal: int, score: float) -> Candidate:
    """Return a change of a place as a candidate."""
    source = place.file.syntax.source
    splices = tuple(
        Splice(path=place.file.path, start=start, old=source[start:end], new=new)
        for start, end, new in sorted(change.replacements)
    )
    function = place.file.syntax.function_of(place.statement)
    name = edited_function(function, change)
    return Candidate(ordinal, splices, template, place.file.path, place.line, name, score)


def edited_function(function: Function | None, change: Change) -> str:
    """Return the qualified name of the function whose body holds the whole change, else ""."""
    if function is None:
        return ""
    # A change of the header (defaults, decorators) takes effect when the definition runs.
    body = header_end(function.node)
    inside = all(start >= body for start, _, _ in change.replacements)
    return function.name if inside else ""
