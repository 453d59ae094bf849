"""One line of the verdict matrix: a test before and after the change, or what else speaks about it."""

from dataclasses import dataclass
from enum import StrEnum

from agent.protocol.check import Location
from agent.protocol.verdict import Proof


class Kind(StrEnum):
    """What a row says, the gravest first."""

    BROKEN = "broken"
    WEAKENED = "weakened"
    """A test of the base that fails on the changed source as it was."""
    VANISHED = "vanished"
    NOT_RUN = "not run"
    COMPLAINT = "complaint"
    """Of a compile, type or lint check."""
    LOOSENED = "loosened"
    """A place where the change loosens what measures it."""
    SET_APART = "set apart"
    """A changed file that decides how tests run."""
    SKIPPED_NOW = "skipped now"
    STILL_FAILING = "still failing"
    FAILING = "failing"
    """It fails on the base; nothing is judged yet."""
    FLAKY = "flaky"
    FIXED = "fixed"
    NEW = "new"
    PASSED = "passed"
    SKIPPED = "skipped"
    UNNOTICED = "unnoticed"
    """A changed line can be changed again without a test that notices."""
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Row:
    """`name` is a test's id, a place in a file, or empty where only a number is known."""

    kind: Kind
    name: str
    before: str = ""
    """How it ended on the base, or with the change of the tests alone; empty where that is not known."""
    after: str = ""
    """How it ends on the candidate."""
    message: str = ""
    """One line."""
    location: Location | None = None
    trace: tuple[Location, ...] = ()
    """Frames inside the base tree, outermost first."""
    details: str = ""
    """What the runner printed of the failure on the base."""
    seconds: float = 0.0
    """That it took on the base."""
    proof: Proof | None = None
    count: int = 1
    """How many it stands for."""
