"""The one comment of a pull request."""

from agent.publishing.effect import Sticky
from agent.publishing.making.hand import Found, Hand, posted
from agent.publishing.rendering.marker import STICKY, Marker
from agent.repo.forge.values import Comment


def sticky(hand: Hand, wanted: Sticky) -> Found:
    """Return our comment if it says what is wanted, else how to change it, or to make the first one."""
    there = next(filter(_is_sticky, hand.our_comments(wanted.number)), None)
    if there is None:
        return lambda: posted(hand.forge.create_comment(hand.repository, wanted.number, wanted.body))
    if _plain(there.body) == _plain(wanted.body):
        return posted(there)
    return lambda: posted(hand.forge.edit_comment(hand.repository, there.id, wanted.body))


def _is_sticky(comment: Comment) -> bool:
    marker = Marker.of(comment.body)
    return marker is not None and marker.place == STICKY


def _plain(body: str) -> str:
    """Return a text without what a forge may have made of the ends of its lines."""
    return body.replace("\r\n", "\n").strip()
