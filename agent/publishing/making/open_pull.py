"""A pull request from a branch of ours."""

from agent.publishing.effect import OpenPull, Result
from agent.publishing.making.hand import Found, Hand
from agent.repo.forge.values import PostedPull


def open_pull(hand: Hand, wanted: OpenPull) -> Found:
    """Return the pull request from the branch, or how to open it; one that somebody closed stays closed."""
    pulls = sorted(hand.forge.pulls_from(hand.repository, wanted.head), key=_rank)
    return _result(pulls[0]) if pulls else lambda: _open(hand, wanted)


def _open(hand: Hand, wanted: OpenPull) -> Result:
    return _result(
        hand.forge.create_pull(
            hand.repository, head=wanted.head, base=wanted.base, title=wanted.title, body=wanted.body
        )
    )


def _rank(pull: PostedPull) -> tuple[bool, int]:
    return not pull.open, pull.number


def _result(pull: PostedPull) -> Result:
    return {"number": pull.number, "url": pull.url}
