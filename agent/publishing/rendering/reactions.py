"""The reaction that a comment gets for its commands."""

from enum import StrEnum

from agent.protocol.outcome import Outcome


class Reaction(StrEnum):
    """Contents of a reaction, in GitHub's words."""

    EYES = "eyes"
    ROCKET = "rocket"
    CONFUSED = "confused"


_GOOD = {Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING, Outcome.DONE}


def reaction(outcome: Outcome | None) -> Reaction:
    """Return eyes while a task is at work (None), a rocket when it did what it was asked for."""
    if outcome is None:
        return Reaction.EYES
    return Reaction.ROCKET if outcome in _GOOD else Reaction.CONFUSED
