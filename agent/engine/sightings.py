"""Since when the owners of leases have given no sign of life, by this process's own clock."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

Held = tuple[str, str]
"""A task and the token of its lease."""


@dataclass(slots=True)
class Sightings:
    """What was seen of each lease: its newest beat and when that was new."""

    silent_seconds: float
    _seen: dict[Held, tuple[int, float]] = field(default_factory=dict)
    _looked: float | None = None

    def silent(self, beats: Mapping[Held, int]) -> set[Held]:
        """Return the leases that did not beat for `silent_seconds`."""
        now = time.monotonic()
        if self._looked is not None and now - self._looked >= self.silent_seconds / 2:
            # This process, or the machine, stood still: nobody's silence was heard meanwhile.
            self._seen = {}
        self._looked = now
        known = self._seen
        self._seen = {
            held: known[held] if held in known and known[held][0] == beat else (beat, now)
            for held, beat in beats.items()
        }
        return {held for held, (_, since) in self._seen.items() if now - since >= self.silent_seconds}
