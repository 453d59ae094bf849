"""How often owners look, give signs of life, and after what silence they count as dead."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds by the monotonic clock; an orphan is found within `silent` + 2 `look`."""

    poll: float = 0.5
    """How long a queued task or a cancel may go unnoticed when nobody wakes the worker."""
    renew: float = 5.0
    """Between two signs of life of an owner."""
    look: float = 2.0
    """Between two looks at the signs of life of the others."""
    silent: float = 30.0
    """A lease whose owner gave no sign for this long is taken away."""


class Timer:
    """Says when something that recurs is due again; the first time is one period from now."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = time.monotonic()

    def is_due(self) -> bool:
        """Return True once in each period."""
        now = time.monotonic()
        due = now - self._last >= self._seconds
        if due:
            self._last = now
        return due

    def hurry(self) -> None:
        """Make it due at once."""
        self._last = time.monotonic() - self._seconds
