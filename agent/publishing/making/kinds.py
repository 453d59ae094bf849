"""Which file makes which kind of effect."""

from typing import assert_never

from agent.publishing.effect import (
    BeginCheck,
    Effect,
    EndCheck,
    OpenPull,
    Post,
    PostReview,
    Push,
    React,
    Sticky,
)
from agent.publishing.making.begin_check import begin_check
from agent.publishing.making.end_check import end_check
from agent.publishing.making.hand import Found, Hand
from agent.publishing.making.open_pull import open_pull
from agent.publishing.making.post import post
from agent.publishing.making.post_review import post_review
from agent.publishing.making.push import push
from agent.publishing.making.react import react
from agent.publishing.making.sticky import sticky


def look(hand: Hand, effect: Effect) -> Found:
    """Return what is there of an effect, or how to make it; raises ForgeError."""
    match effect:
        case React():
            return react(hand, effect)
        case Post():
            return post(hand, effect)
        case Sticky():
            return sticky(hand, effect)
        case BeginCheck():
            return begin_check(hand, effect)
        case EndCheck():
            return end_check(hand, effect)
        case Push():
            return push(hand, effect)
        case OpenPull():
            return open_pull(hand, effect)
        case PostReview():
            return post_review(hand, effect)
        case _:
            assert_never(effect)
