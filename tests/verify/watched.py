"""A bench that is watched at work."""

from dataclasses import dataclass, field
from threading import Lock

from agent.protocol.check import Run
from agent.verify.run_on import Bench, Order


@dataclass(frozen=True, slots=True)
class Watched(Bench):
    """Does real runs and knows how many there were, and how many at a time."""

    lock: Lock = field(default_factory=Lock)
    going: list[int] = field(default_factory=lambda: [0])

    @property
    def runs(self) -> int:
        """Return how many runs there were."""
        return len(self.going) // 2

    @property
    def most_at_once(self) -> int:
        """Return how many there were at most at a time."""
        return max(self.going)

    def run(self, order: Order) -> Run:
        """Do one run and count it."""
        with self.lock:
            self.going.append(self.going[-1] + 1)
        try:
            return Bench.run(self, order)
        finally:
            with self.lock:
                self.going.append(self.going[-1] - 1)
