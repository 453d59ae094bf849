"""How long the tests of a candidate may take before it counts as hanging."""

from dataclasses import dataclass, replace

from agent.protocol.check import Run, TestStatus
from agent.protocol.limits import TaskLimits

_FACTOR = 10.0
_CPU = 0.3
_WALL = 1.5
_START_CPU = 0.5
_START = 3.0
_UNKNOWN_START = 60.0
_PATIENCE = 8.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Bounds in seconds: of one test, and of all that comes before the first test.

    Processor time catches loops early however busy the machine is; wall time catches sleepers.
    """

    wall: float
    cpu: float
    start: float = _UNKNOWN_START
    start_cpu: float = _UNKNOWN_START

    def started(self, wall: float, cpu: float) -> "Pace":
        """Return bounds that know how long the start took without an edit."""
        return replace(self, start=max(_START, _FACTOR * wall), start_cpu=max(_START_CPU, _FACTOR / 2 * cpu))

    def patient(self, limits: TaskLimits) -> "Pace":
        """Return larger bounds for a second try: the right fix may do more work than the fault did."""
        most = limits.test_seconds
        return replace(self, wall=min(self.wall * _PATIENCE, most), cpu=min(self.cpu * _PATIENCE, most))


def pace(baseline: Run, tests: tuple[str, ...], limits: TaskLimits) -> Pace:
    """Derive the bounds from how long these tests took; loops without end are common and must be cheap."""
    known = baseline.by_id()
    ended = [known[test].seconds for test in tests if test in known and _ended(known[test].status)]
    longest = max(ended, default=0.0)
    return Pace(
        wall=min(max(_WALL, 2 * _FACTOR * longest), limits.test_seconds),
        cpu=min(max(_CPU, _FACTOR * longest), limits.test_seconds),
    )


def _ended(status: TestStatus) -> bool:
    return status not in (TestStatus.TIMEOUT, TestStatus.CRASHED, TestStatus.NOT_RUN)
