"""How often owners look, give signs of life, and after what silence they count as dead."""

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
