"""Asks the forge on behalf of a task, off its clock, and waits for one that is busy or away."""

from collections.abc import Callable
from typing import TypeVar

from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.repo.forge.errors import ForgeError
from agent.tasks.admission.patience import MOST_SECONDS, patiently
from agent.tasks.context import Context

_BEFORE_DELIVERY = 60.0
T = TypeVar("T")


def asked(context: Context, ask: Callable[[], T], *, most: float = MOST_SECONDS) -> T:
    """Return what `ask` returns, which only reads; raises Interrupted, ForgeError after `most` seconds."""

    def say(message: str) -> None:
        context.on_progress(Progress(phase="admit", message=message))

    with context.off_the_clock():
        return patiently(ask, cancel=context.cancel, say=say, most=most)


def moved_to(state: TaskState, context: Context) -> str | None:
    """Return the present head of a task's pull request where that is another than it was admitted with."""
    pull = state.admission.pull if state.admission is not None else None
    trigger = state.spec.trigger if state.spec is not None else None
    if pull is None or trigger is None:
        return None
    try:
        now = asked(
            context,
            lambda: context.forge.pull(trigger.repository, pull.number),
            most=_BEFORE_DELIVERY,
        )
    except ForgeError:
        # The branch is in our own mirror so far: what is proven does not wait for the forge.
        return None
    return now.head if now.head != pull.head else None
