"""A search in the form in which it outlives its process."""

from pydantic import ValidationError

from agent import __version__
from agent.planners.planner import Problem
from agent.planners.search.candidate import Candidate
from agent.planners.search.frontier import Reached
from agent.protocol.value import Value

EVERY_SECONDS = 5.0


class Saved(Value):
    """What a search found out so far; ordinals mean the same for one seed and one version only."""

    seed: int
    reached: Reached
    confirmed: tuple[Candidate, ...] = ()
    """Candidates that passed in a fresh process."""
    slow: tuple[Candidate, ...] = ()
    """Candidates that timed out and may get a second try."""
    evaluated: int = 0
    seconds: float = 0.0
    unconfirmed: int = 0
    most_passed: int = 0
    grace: tuple[int, float] | None = None
    """Candidates tried, and seconds ago, when the first one was confirmed."""
    over: bool = False
    """All that is left is to offer the best of those that were confirmed."""
    version: str = __version__


def load(problem: Problem) -> Saved | None:
    """Return how far the search for this proposal got; None when it did not begin or means nothing now."""
    return _read(problem.checkpoint.load(), problem)


def load_before(problem: Problem) -> Saved | None:
    """Return how far the search got for the proposal before."""
    return _read(problem.checkpoint.before(), problem)


def save(problem: Problem, saved: Saved) -> None:
    """Keep how far a search got."""
    problem.checkpoint.save(saved.model_dump_json().encode())


def _read(data: bytes | None, problem: Problem) -> Saved | None:
    if data is None:
        return None
    try:
        saved = Saved.model_validate_json(data)
    except ValidationError:
        return None
    return saved if (saved.seed, saved.version) == (problem.seed, __version__) else None
