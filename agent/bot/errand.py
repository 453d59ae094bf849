"""One thing that somebody wants: what a task is made of, wherever it was heard of."""

import hashlib
from collections.abc import Iterator

from agent.protocol.forge import Happened, Trigger, Verb
from agent.protocol.task import TaskKind
from agent.protocol.value import Value

_KINDS = {
    Verb.FIX: TaskKind.FIX,
    Verb.DO: TaskKind.DO,
    Verb.REVIEW: TaskKind.REVIEW,
    Verb.EXPLAIN: TaskKind.ASK,
    Verb.VERIFY: TaskKind.VERIFY,
}
_CHANGES_CODE = (Verb.DO, Verb.FIX)


class Errand(Value):
    """What one task is to do, and what led to it."""

    trigger: Trigger
    tests: tuple[str, ...] = ()
    goal: str = ""
    """Outside text."""

    @property
    def kind(self) -> TaskKind:
        """Return the kind of its task."""
        return _KINDS.get(self.trigger.verb, TaskKind.REPLY)

    def as_issue_said(self, **known: object) -> "Errand":
        """Return it with what its trigger knows of the issue, when code is changed as that says."""
        if self.goal or self.trigger.verb not in _CHANGES_CODE:
            return self
        return self.model_copy(update={"trigger": self.trigger.model_copy(update=known)})


def keys(errand: Errand, number: int, *known_by: str) -> tuple[str, ...]:
    """Return the idempotency keys of the errand that is the `number`-th of what happened.

    `known_by` names what happened, e.g. `delivery:GUID`; the thing itself, where it has an id, is one more.
    """
    return tuple(f"{name}/{number}" for name in (*known_by, *_itself(errand.trigger)))


def key_of(kind: str, what: str | bytes) -> str:
    """Return a name of bounded length for something, whatever it holds."""
    content = what.encode() if isinstance(what, str) else what
    return f"{kind}:{hashlib.sha256(content).hexdigest()}"


def _itself(trigger: Trigger) -> Iterator[str]:
    """Yield the key of the thing that happened: the same from a delivery, in polling and in a replay."""
    match trigger.happened:
        case Happened.COMMENT | Happened.REVIEW_COMMENT:
            about = f"{trigger.comment}"
        case Happened.PULL:
            about = f"{trigger.number}:{trigger.head}:{trigger.verb}"
        case Happened.RUN:
            about = f"{trigger.run}:{trigger.attempt}"
        case _:
            # A label and a button can be meant twice.
            return
    yield key_of("thing", f"{trigger.repository.lower()} {trigger.happened} {about}")
