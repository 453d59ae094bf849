"""A comment of its own."""

from agent.publishing.effect import Post
from agent.publishing.making.hand import Found, Hand, begins_with, posted


def post(hand: Hand, wanted: Post) -> Found:
    """Return our comment with the marker, or how to make it."""
    for comment in hand.our_comments(wanted.number):
        if begins_with(comment.body, wanted.marker):
            return posted(comment)
    return lambda: posted(hand.forge.create_comment(hand.repository, wanted.number, wanted.body))
