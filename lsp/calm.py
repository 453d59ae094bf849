"""When nobody waits for the code index: work that can wait does."""

import asyncio
import time

_QUIET_SECONDS = 0.3
_OVERDUE_SECONDS = 10.0


class Calm:
    """Knows when the index was last asked for somebody who waits."""

    def __init__(self) -> None:
        self._asked_at = -_QUIET_SECONDS

    def disturb(self) -> None:
        """Note that somebody asks now."""
        self._asked_at = time.monotonic()

    async def come(self) -> None:
        """Return once nobody has asked for a moment, or after 10 s all the same."""
        end = time.monotonic() + _OVERDUE_SECONDS
        while (now := time.monotonic()) < end and now - self._asked_at < _QUIET_SECONDS:
            await asyncio.sleep(_QUIET_SECONDS)
