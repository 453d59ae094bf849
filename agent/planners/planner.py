"""The swap point between ways to come up with a change: search today, models later."""

import threading
from dataclasses import dataclass, field
from typing import Protocol

from agent.protocol.check import Check, Run, TestResult
from agent.protocol.limits import TaskLimits
from agent.protocol.progress import OnProgress, silent
from agent.protocol.proposal import Proposal, Suspect
from agent.repo.store import Store
from agent.verify.workbench import Workbench


class Checkpoint(Protocol):
    """Keeps how far a long search got, so that another process can go on with it."""

    def load(self) -> bytes | None:
        """Return what was saved last for this proposal, None before that."""

    def before(self) -> bytes | None:
        """Return what was saved last for the proposal before this one, which was refused."""

    def save(self, data: bytes) -> None:
        """Replace what was saved for this proposal."""


class NoCheckpoint:
    """Keeps nothing: a search that is cut short begins again."""

    def load(self) -> bytes | None:
        """Return None."""
        return None

    def before(self) -> bytes | None:
        """Return None."""
        return None

    def save(self, data: bytes) -> None:
        """Forget it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is broken, where it can be tried out, and what may be spent on it."""

    store: Store
    tree: str
    """Tree id of the base."""
    check: Check
    baseline: Run
    failing: tuple[TestResult, ...]
    """The tests to be fixed."""
    workbench: Workbench
    limits: TaskLimits
    deadline: float
    """`time.monotonic()` at which the planner must have stopped."""
    seed: int = 0
    on_progress: OnProgress = silent
    cancel: threading.Event = field(default_factory=threading.Event)
    checkpoint: Checkpoint = field(default_factory=NoCheckpoint)


@dataclass(frozen=True, slots=True)
class Exhausted:
    """The planner has nothing more to offer; `reason` is one sentence."""

    reason: str
    candidates: int = 0
    seconds: float = 0.0
    timed_out: bool = False


class Planner(Protocol):
    """Offers edits; it never decides whether they work."""

    @property
    def name(self) -> str:
        """Name the planner as `--planner` does."""

    def localize(self, problem: Problem) -> tuple[Suspect, ...]:
        """Rank suspicious lines, most suspicious first."""

    def propose(self, problem: Problem, suspects: tuple[Suspect, ...], cursor: int) -> Proposal | Exhausted:
        """Search on from `cursor` for edits that pass the target tests in a fresh process."""
