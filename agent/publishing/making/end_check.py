"""A finished check run: its annotations in groups, and its conclusion with the last of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from agent.publishing.effect import EndCheck, Result
from agent.publishing.making.checks import find_check
from agent.publishing.making.hand import Found, Hand
from agent.publishing.making.status import concluded
from agent.publishing.rendering.check_run import Annotation, CheckRun
from agent.repo.forge.errors import ForgeRefused, KeyRefused
from agent.repo.forge.values import PostedCheck


def end_check(hand: Hand, wanted: EndCheck) -> Found:
    """Return the check run if it has ended as wanted with all annotations, else how to get it there."""
    check = wanted.check
    there = find_check(hand, check.head_sha, check.name, check.external_id)
    if there is None:
        return lambda: _make(hand, check)
    if there.conclusion == check.conclusion and not _left(check, there.annotations):
        return _result(there)
    return lambda: _finish(hand, check, there)


def _make(hand: Hand, check: CheckRun) -> Result:
    named = {"name": check.name, "head_sha": check.head_sha, "external_id": check.external_id}
    first, *more = check.annotations or ((),)
    state = {"status": "in_progress"} if more else _conclusion(check)
    try:
        made = hand.forge.create_check(hand.repository, {**named, **state, **_output(check, first)})
    except KeyRefused:
        raise
    except ForgeRefused:
        return concluded(hand, check.head_sha, check.name, check.title, check.conclusion)
    return _finish(hand, check, made) if more else _result(made)


def _finish(hand: Hand, check: CheckRun, there: PostedCheck) -> Result:
    """Add what is missing, a request for each group; what was said before in groups stays."""
    for group, is_last in _ended(_left(check, there.annotations)):
        state = _conclusion(check) if is_last else {}
        hand.fence()
        try:
            there = _update(hand, there, {**state, **_output(check, group)})
        except KeyRefused:
            raise
        except ForgeRefused:
            if not group:
                raise
            # One line that the forge does not take must not keep the conclusion from being said.
            hand.fence()
            return _result(_update(hand, there, {**_conclusion(check), **_output(check, ())}))
    return _result(there)


def _update(hand: Hand, there: PostedCheck, fields: dict[str, Any]) -> PostedCheck:
    return hand.forge.update_check(hand.repository, there.id, fields)


def _left(check: CheckRun, posted: int) -> Sequence[tuple[Annotation, ...]]:
    """Return the groups that are not there: they go there one by one, each as a whole."""
    groups = list(check.annotations)
    while groups and len(groups[0]) <= posted:
        posted -= len(groups.pop(0))
    return groups


def _ended(groups: Sequence[tuple[Annotation, ...]]) -> Iterator[tuple[tuple[Annotation, ...], bool]]:
    """Yield each group and whether it is the last one; there is one without annotations if need be."""
    every = groups or ((),)
    return ((group, at == len(every)) for at, group in enumerate(every, 1))


def _conclusion(check: CheckRun) -> dict[str, Any]:
    actions = [action.model_dump(mode="json") for action in check.actions]
    return {"status": "completed", "conclusion": check.conclusion.value, "actions": actions}


def _output(check: CheckRun, group: tuple[Annotation, ...]) -> dict[str, Any]:
    annotations = [one.model_dump(mode="json") for one in group]
    return {"output": {"title": check.title, "summary": check.summary, "annotations": annotations}}


def _result(check: PostedCheck) -> Result:
    return {"id": check.id, "annotations": check.annotations}
