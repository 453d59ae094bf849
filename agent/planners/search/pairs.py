"""The second stage: an edit that fixed a part, or changed the failure, together with a second edit."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from agent.planners.search.candidate import Candidate
from agent.planners.search.order import Place, SourceFile, places, stream
from agent.protocol.edit import Splice
from agent.protocol.proposal import Suspect

FIRST_PAIR = 1_000_000_000
"""Ordinals from here on are pairs; a cursor never counts them, since they follow from what was seen."""
_SECOND_EDITS = 400
_SAME_FUNCTION, _SAME_FILE = 1.0, 0.4


def pairs(
    first: Candidate,
    suspects: tuple[Suspect, ...],
    load: Callable[[str], SourceFile | None],
    *,
    seed: int,
    rank: int,
) -> Iterator[Candidate]:
    """Yield `first` together with second edits, those of the same function before all others."""
    start = FIRST_PAIR + rank * _SECOND_EDITS * 10
    seconds = stream(_related(first, places(suspects, load)), seed=seed)
    for second in islice(seconds, _SECOND_EDITS):
        if not _overlap(first.splices, second.splices):
            yield replace(
                first,
                ordinal=start + second.ordinal,
                splices=tuple(
                    sorted((*first.splices, *second.splices), key=lambda one: (one.path, one.start))
                ),
                template=f"{first.template} + {second.template}",
                function=first.function
                if (first.path, first.function) == (second.path, second.function)
                else "",
                score=first.score * second.score,
            )


def _related(first: Candidate, sites: tuple[Place, ...]) -> list[Place]:
    weighted = [replace(place, suspicion=place.suspicion * _nearness(first, place)) for place in sites]
    return sorted(weighted, key=lambda place: -place.suspicion)


def _nearness(first: Candidate, place: Place) -> float:
    if place.file.path != first.path:
        return 0.1
    function = place.file.syntax.function_of(place.statement)
    return _SAME_FUNCTION if function is not None and function.name == first.function else _SAME_FILE


def _overlap(ones: tuple[Splice, ...], others: tuple[Splice, ...]) -> bool:
    return any(
        one.path == other.path and one.start <= other.end and other.start <= one.end
        for one in ones
        for other in others
    )
