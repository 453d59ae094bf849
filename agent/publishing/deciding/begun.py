"""What a task shows while it is at work, and while it waits for somebody."""

from collections.abc import Iterator

from agent.protocol.forge import Happened
from agent.protocol.policy import Approval
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.publishing.deciding.place import CHECKED, Place
from agent.publishing.deciding.wish import Wish
from agent.publishing.effect import BeginCheck, Effect, Post, React, Sticky
from agent.publishing.look import Look
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.reactions import Reaction
from agent.publishing.rendering.replies import marked, question_reply
from agent.publishing.rendering.sticky import underway, waiting

EYES, CHECK = "eyes", "check"


def seen(place: Place, state: TaskState) -> Iterator[Wish]:
    """Yield the eyes on the comment that asked; once for all attempts."""
    yield Wish(EYES, lambda: reacted(place, state, Reaction.EYES))


def under_way(place: Place, state: TaskState, look: Look, *, newest: bool) -> Iterator[Wish]:
    """Yield the check run that is at work, and what the task does or asks at this moment."""
    yield Wish(state.step_key(CHECK), lambda: _check(place))
    asked = state.open_approvals
    if place.kind is TaskKind.ASK and asked:
        yield Wish(_moment(state, "asks"), lambda: _question(place, state, asked, look))
    if newest and has_sticky(place):
        name = _moment(state, "sticky:asks" if asked else "sticky:begun")
        yield Wish(name, lambda: _sticky(place, asked, look))


def has_sticky(place: Place) -> bool:
    """Say whether a task is shown in the comment of its issue or pull request; a group is in its parent's."""
    return place.number is not None and place.kind in CHECKED and place.parent is None


def reacted(place: Place, state: TaskState, content: Reaction) -> Effect | None:
    """Return the reaction to the comment that asked; None when it was no comment, or one of another task."""
    assert state.spec is not None and state.spec.trigger is not None
    trigger = state.spec.trigger
    if trigger.comment is None or place.parent is not None:
        return None
    on_line = trigger.happened is Happened.REVIEW_COMMENT
    return React(comment=trigger.comment, content=content.value, on_line=on_line)


def _moment(state: TaskState, kind: str) -> str:
    """Return a name that this state has, and no earlier one with other questions: both numbers only grow."""
    return state.step_key(f"{kind}:{len(state.approvals)}.{len(state.answers)}")


def _check(place: Place) -> Effect | None:
    if place.head is None or place.kind not in CHECKED:
        return None
    return BeginCheck(
        name=place.check_name,
        head=place.head,
        external_id=place.external_id,
        title=f"{place.kind.value}: under way",
    )


def _sticky(place: Place, asked: tuple[Approval, ...], look: Look) -> Effect:
    assert place.number is not None
    head = place.head or ""
    if not asked:
        return Sticky(number=place.number, body=underway(place.task_id, place.kind, head))
    body = waiting(place.task_id, place.kind, head, asked, Pen(look.secrets()))
    return Sticky(number=place.number, body=body)


def _question(place: Place, state: TaskState, asked: tuple[Approval, ...], look: Look) -> Effect | None:
    if place.number is None:
        return None
    marker = place.marker(f"asks_{len(state.approvals)}")
    said = question_reply(place.task_id, asked, Pen(look.secrets()))
    return Post(number=place.number, marker=str(marker), body=marked(marker, said))
