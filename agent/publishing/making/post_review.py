"""One grouped review, which comments and never approves."""

from agent.publishing.effect import PostReview
from agent.publishing.making.hand import Found, Hand, begins_with, posted


def post_review(hand: Hand, wanted: PostReview) -> Found:
    """Return our review with the marker, or how to make it."""
    for review in hand.our_reviews(wanted.number):
        if begins_with(review.body, wanted.marker):
            return posted(review)
    fields = wanted.review.model_dump(mode="json", exclude_none=True)
    return lambda: posted(hand.forge.create_review(hand.repository, wanted.number, fields))
