"""A check run that is at work."""

from agent.publishing.effect import BeginCheck, Result
from agent.publishing.making.checks import find_check
from agent.publishing.making.hand import Found, Hand
from agent.publishing.making.status import pending
from agent.repo.forge.errors import ForgeRefused, KeyRefused


def begin_check(hand: Hand, wanted: BeginCheck) -> Found:
    """Return the check run if it is there, at work or ended, else how to make it."""
    there = find_check(hand, wanted.head, wanted.name, wanted.external_id)
    return {"id": there.id} if there is not None else lambda: _begin(hand, wanted)


def _begin(hand: Hand, wanted: BeginCheck) -> Result:
    fields = {
        "name": wanted.name,
        "head_sha": wanted.head,
        "external_id": wanted.external_id,
        "status": "in_progress",
        "output": {"title": wanted.title, "summary": wanted.title},
    }
    try:
        return {"id": hand.forge.create_check(hand.repository, fields).id}
    except KeyRefused:
        raise
    except ForgeRefused:
        return pending(hand, wanted.head, wanted.name, wanted.title)
