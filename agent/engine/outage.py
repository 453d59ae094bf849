"""Times in which the database cannot be used: said once, waited out with growing pauses."""

import logging
import threading

from agent.engine.errors import StoreUnavailable

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0


class Outage:
    """Counts the failures in a row of one process."""

    def __init__(self) -> None:
        self._failures = 0

    @property
    def lasts(self) -> bool:
        """True from the first failure until the database answers."""
        return self._failures > 0

    def wait(self, error: StoreUnavailable, stop: threading.Event) -> None:
        """Pause before the next try; returns at once when `stop` is set."""
        if not self._failures:
            _log().error("the store cannot be used, waiting for it: %s (%s)", error.message, error.hint)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures, 10))
        self._failures += 1
        stop.wait(pause)

    def over(self) -> None:
        """Take note that the database answered."""
        if self._failures:
            _log().warning("the store can be used again, after %d tries", self._failures)
        self._failures = 0


def _log() -> logging.Logger:
    return logging.getLogger("ratchet.engine")
