"""The next thing that a task has to make on its forge: a pure function of what is known."""

from collections.abc import Iterator, Mapping

from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.publishing.deciding.answered import answered, refused
from agent.publishing.deciding.begun import has_sticky, seen, under_way
from agent.publishing.deciding.ended import ended
from agent.publishing.deciding.place import Place, place_of
from agent.publishing.deciding.wish import Wish, first_open
from agent.publishing.effect import Result, Wanted
from agent.publishing.look import Look


def next_effect(
    task_id: str, state: TaskState, made: Mapping[str, Result], *, newest: bool, look: Look
) -> Wanted | None:
    """Return what a task has to make next, None when it shows all there is to show at this moment.

    `made` holds what came of the effects of this task by their names, failures included. `newest` says
    that no later task of the same place `takes_sticky`. Raises what `look` raises.
    """
    place = place_of(task_id, state)
    if place is None:
        return None
    found = first_open(_wishes(place, state, made, look, newest=newest), made)
    return None if found is None else Wanted(name=found[0], repository=place.repository, effect=found[1])


def takes_sticky(task_id: str, state: TaskState) -> bool:
    """Say whether a task is one that the comment of its place is about: an answer or a refusal is not."""
    place = place_of(task_id, state)
    return place is not None and has_sticky(place) and not _is_refused(state)


def _wishes(
    place: Place, state: TaskState, made: Mapping[str, Result], look: Look, *, newest: bool
) -> Iterator[Wish]:
    if _is_refused(state):
        yield from refused(place, state, look)
        return
    yield from seen(place, state)
    if state.finished is None:
        yield from under_way(place, state, look, newest=newest)
    elif place.kind in (TaskKind.ASK, TaskKind.REPLY):
        yield from answered(place, state, look)
    else:
        yield from ended(place, state, made, look, newest=newest)


def _is_refused(state: TaskState) -> bool:
    return state.admission is not None and bool(state.admission.refused)
