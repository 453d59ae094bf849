"""The check run of a task, found by its name and its external id."""

from agent.publishing.making.hand import Hand
from agent.repo.forge.values import PostedCheck


def find_check(hand: Hand, commit: str, name: str, external_id: str) -> PostedCheck | None:
    """Return our check run, the oldest if there are several."""
    ours = [
        check
        for check in hand.forge.checks(hand.repository, commit, name)
        if check.external_id == external_id and _may_be_ours(check, hand.app)
    ]
    return min(ours, key=lambda check: check.id, default=None)


def _may_be_ours(check: PostedCheck, app: int | None) -> bool:
    """Say whether no other App made it: anybody's App can copy an external id."""
    return app is None or check.app is None or check.app == app
