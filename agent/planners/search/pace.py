"""How long the tests of a candidate may take before it counts as hanging."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median

from agent.protocol.check import Run, TestStatus
from agent.protocol.limits import TaskLimits

_FACTOR = 10.0
_CPU = 0.3
_WALL = 1.5
_START_CPU = 0.5
_START = 3.0
_UNKNOWN_START = 60.0
_PATIENCE = 8.0
_LEAST_CPU = 0.1
_MANY = 5
_REMEMBERED = 200


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


class Rhythm:
    """Learns from the candidates themselves how short a test usually is, once many of them hang."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=_REMEMBERED)
        self._hung = 0

    def note(self, seconds: Iterable[float], *, hung: bool) -> None:
        """Take note of the tests that ended, and whether one did not."""
        self._seconds.extend(seconds)
        self._hung += hung

    def hurry(self, bounds: Pace) -> Pace:
        """Return shorter bounds when endless loops would eat the time; what they cut gets a second try."""
        if self._hung < _MANY:
            return bounds
        usual = median(self._seconds) if self._seconds else 0.0
        return replace(bounds, cpu=min(bounds.cpu, max(_LEAST_CPU, 2 * _FACTOR * usual)))


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
