"""One proposal and what the harness said about it."""

from agent.protocol.patch import Patch
from agent.protocol.value import Value
from agent.protocol.verdict import Verdict


class Round(Value):
    """A proposal of a task, in the order they were made."""

    stage: int
    """Which of the task's planners made it, from 0."""
    turns: int = 0
    """How many turns had been taken by then."""
    patch: Patch | None = None
    refusal: str = ""
    """Why it could not be applied."""
    verdict: Verdict | None = None
