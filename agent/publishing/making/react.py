"""A reaction, which is there once however often it is made."""

from agent.publishing.effect import React, Result
from agent.publishing.making.hand import Found, Hand


def react(hand: Hand, wanted: React) -> Found:
    """Return how to react."""

    def act() -> Result:
        hand.forge.react(hand.repository, wanted.comment, wanted.content, on_line=wanted.on_line)
        return {"comment": wanted.comment}

    return act
