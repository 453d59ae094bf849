"""What a task says in a comment of its own: an answer, what can be asked for, and why nothing is done."""

from collections.abc import Iterator

from agent.protocol.forge import Verb
from agent.protocol.outcome import Outcome
from agent.protocol.report import report
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.publishing.deciding.begun import reacted
from agent.publishing.deciding.place import Place
from agent.publishing.deciding.wish import Wish
from agent.publishing.effect import Effect, Post
from agent.publishing.look import Look
from agent.publishing.rendering.pen import Pen
from agent.publishing.rendering.reactions import Reaction, reaction
from agent.publishing.rendering.replies import (
    answer_reply,
    help_reply,
    marked,
    misunderstood_reply,
    refusal_reply,
    stop_reply,
)

_OUTCOMES = {Verb.HELP: Outcome.DONE, Verb.UNKNOWN: Outcome.USAGE}


def refused(place: Place, state: TaskState, look: Look) -> Iterator[Wish]:
    """Yield what somebody is told whose wish is not done; nothing for strangers."""
    assert state.admission is not None
    key, reason = state.step_key, state.admission.refused
    if state.admission.tell and place.parent is None:
        yield Wish(
            key("refused"), lambda: _post(place, "refused", refusal_reply(reason, Pen(look.secrets())))
        )
        yield Wish(key("refused:react"), lambda: reacted(place, state, Reaction.CONFUSED))


def answered(place: Place, state: TaskState, look: Look) -> Iterator[Wish]:
    """Yield the answer of a finished task that asks, and the last reaction."""
    yield Wish(state.step_key("answer"), lambda: _answer(place, state, look))
    yield done(place, state)


def done(place: Place, state: TaskState) -> Wish:
    """Return the last reaction to the comment that asked."""
    return Wish(state.step_key("done"), lambda: reacted(place, state, reaction(_outcome(place, state))))


def _outcome(place: Place, state: TaskState) -> Outcome:
    assert state.finished is not None and state.spec is not None and state.spec.trigger is not None
    # A reply ends well whatever it says; whether somebody was understood is another matter.
    known = _OUTCOMES.get(state.spec.trigger.verb) if place.kind is TaskKind.REPLY else None
    return known or state.finished.outcome


def _answer(place: Place, state: TaskState, look: Look) -> Effect | None:
    assert state.finished is not None and state.spec is not None and state.spec.trigger is not None
    pen = Pen(look.secrets())
    if place.kind is TaskKind.ASK:
        return _post(place, "answer", answer_reply(report(state), pen))
    match state.spec.trigger.verb:
        case Verb.STOP:
            return _post(place, "reply", stop_reply(state.finished.reason, pen))
        case Verb.UNKNOWN:
            return _post(place, "reply", misunderstood_reply(state.spec.trigger.misunderstood, pen))
        case _:
            return _post(place, "reply", help_reply())


def _post(place: Place, kind: str, said: str) -> Effect | None:
    if place.number is None:
        return None
    marker = place.marker(kind)
    return Post(number=place.number, marker=str(marker), body=marked(marker, said))
