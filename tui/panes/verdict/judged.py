"""The verdicts of a task, in the order they were reached, and the one that counts."""

from dataclasses import dataclass

from agent.protocol.patch import Patch
from agent.protocol.report import shown
from agent.protocol.state import TaskState
from agent.protocol.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict; `patch` is None where a task judges what others changed."""

    number: int
    """Of its round, from 1."""
    verdict: Verdict
    patch: Patch | None = None
    counts: bool = False
    """The task's outcome rests on it."""


def judged(state: TaskState) -> tuple[Judged, ...]:
    """Return every verdict of a task."""
    counting = shown(state)[1]
    rounds = [
        Judged(number, one.verdict, one.patch, one.verdict is counting)
        for number, one in enumerate(state.rounds, 1)
        if one.verdict is not None
    ]
    if rounds or state.verdict is None:
        return tuple(rounds)
    return (Judged(1, state.verdict, state.patch, counts=True),)


def counting(verdicts: tuple[Judged, ...]) -> int:
    """Return the place of the verdict that the outcome rests on, else of the newest; -1 without any."""
    chosen = [place for place, one in enumerate(verdicts) if one.counts]
    return chosen[-1] if chosen else len(verdicts) - 1
