"""What a task asks before it goes on, and where that is answered."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from agent.protocol.policy import Approval
from agent.publishing.rendering.page import folded, listed
from agent.publishing.rendering.pen import Pen


def questions(task_id: str, asked: Sequence[Approval], pen: Pen) -> Iterator[str]:
    """Yield the questions of a task and how to answer; no comment answers one, as anybody can write those."""
    for one in asked:
        yield f"{pen.line(one.reason, 600)}"
        pairs = [*zip_longest(one.actions, one.rules[: len(one.actions)])]
        yield listed(pairs, lambda pair: f"{pair[0].subject.value} {pen.code(pair[0].value)}{_by(pair[1])}")
        yield folded("What exactly", pen.block(one.detail)) if one.detail else ""
    yield (
        f"Answer where Ratchet runs: `ratchet tasks approve {task_id}` or `ratchet tasks deny {task_id}`, "
        "or in its terminal app. `/ratchet stop` ends it."
    )


def _by(rule: object) -> str:
    origin = getattr(rule, "origin", "")
    return f" (a rule of the {origin})" if origin in ("user", "repository", "organization") else ""
