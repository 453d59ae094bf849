"""A commit status, where check runs are not ours to make: a token of a person cannot."""

from agent.publishing.effect import Result
from agent.publishing.making.hand import Hand
from agent.publishing.rendering.check_run import Conclusion

_LONGEST = 140
"""Characters of a description (GitHub REST: `POST /repos/{owner}/{repo}/statuses/{sha}`)."""
_STATES = {
    Conclusion.SUCCESS: "success",
    # As a required check lets it pass, too.
    Conclusion.NEUTRAL: "success",
    Conclusion.CANCELLED: "error",
}


def pending(hand: Hand, commit: str, name: str, title: str) -> Result:
    """Say that a commit is being looked at."""
    return _say(hand, commit, name, title, "pending")


def concluded(hand: Hand, commit: str, name: str, title: str, conclusion: Conclusion) -> Result:
    """Say what came of it; what is neither good nor neutral nor cancelled is a failure."""
    return _say(hand, commit, name, title, _STATES.get(conclusion, "failure"))


def _say(hand: Hand, commit: str, name: str, title: str, state: str) -> Result:
    hand.fence()
    described = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
    hand.forge.create_status(hand.repository, commit, state=state, context=name, description=described)
    return {"status": state}
