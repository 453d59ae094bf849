"""How long the tests of a candidate may take before it counts as hanging."""

from dataclasses import dataclass

from agent.protocol.check import Run, TestStatus
from agent.protocol.limits import TaskLimits

_FACTOR = 10.0
_CPU = 0.3
_WALL = 1.5
_START = 5.0
_PATIENCE = 8.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Bounds of one test in seconds, and of what comes before the first test."""

    wall: float
    cpu: float
    start: float

    def patient(self, limits: TaskLimits) -> "Pace":
        """Return larger bounds for a second try: the right fix may do more work than the fault did."""
        most = limits.test_seconds
        return Pace(min(self.wall * _PATIENCE, most), min(self.cpu * _PATIENCE, most), self.start * 2)


def pace(baseline: Run, tests: tuple[str, ...], limits: TaskLimits) -> Pace:
    """Derive the bounds from how long these tests took; loops without end are common and must be cheap."""
    known = baseline.by_id()
    longest = max(
        (known[test].seconds for test in tests if test in known and _ended(known[test].status)), default=0.0
    )
    return Pace(
        wall=min(max(_WALL, 2 * _FACTOR * longest), limits.test_seconds),
        cpu=min(max(_CPU, _FACTOR * longest), limits.test_seconds),
        start=max(_START, min(baseline.seconds * 3, limits.test_seconds)),
    )


def _ended(status: TestStatus) -> bool:
    return status not in (TestStatus.TIMEOUT, TestStatus.CRASHED, TestStatus.NOT_RUN)
