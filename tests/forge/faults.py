"""What goes wrong between a client and the fake forge, once for each time that it is asked for."""

import threading
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase


class Fault(StrEnum):
    """Ways to fail. What is named AFTER happens when the change has been made."""

    CUT_AFTER = "cut after"
    """The change is made, and the connection is cut without an answer."""
    LATE_AFTER = "late after"
    """The change is made, and the answer comes `seconds` late."""
    BAD_GATEWAY_AFTER = "502 after"
    """The change is made, and the answer is 502."""
    TRUNCATED_AFTER = "truncated after"
    """The change is made, and the connection is cut in the middle of the answer."""
    GARBAGE_AFTER = "garbage after"
    """The change is made, and the answer is 200 with half of its JSON."""
    RESET = "reset"
    """The connection is reset before anything."""
    SLOW = "slow"
    """Everything begins `seconds` late."""
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    SERVER_ERROR = "500"
    SECONDARY = "secondary limit"
    """403 with `retry-after: seconds`; nothing is done."""
    SECONDARY_429 = "secondary limit 429"
    SECONDARY_BARE = "secondary limit without a time"
    """403 that only says in words that it is one."""
    PRIMARY = "primary limit"
    """403 with `x-ratelimit-remaining: 0`, until `x-ratelimit-reset`, `seconds` from now."""
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    GONE = "410"
    UNPROCESSABLE = "422"

    @property
    def after(self) -> bool:
        """Say whether the change is made."""
        return self in (
            Fault.CUT_AFTER,
            Fault.LATE_AFTER,
            Fault.BAD_GATEWAY_AFTER,
            Fault.TRUNCATED_AFTER,
            Fault.GARBAGE_AFTER,
        )


@dataclass
class Planned:
    """A fault that waits for its request."""

    fault: Fault
    method: str
    path: str
    times: int
    seconds: float
    skip: int


class Faults:
    """A queue: the first that fits a request is used up by it."""

    def __init__(self) -> None:
        self.used: list[tuple[Fault, str, str]] = []
        """What was done to whom: fault, method, path."""
        self._planned: list[Planned] = []
        self._lock = threading.Lock()

    def add(
        self,
        fault: Fault,
        *,
        method: str = "*",
        path: str = "*",
        times: int = 1,
        seconds: float = 1.0,
        skip: int = 0,
    ) -> None:
        """Let the next `times` requests of this kind fail, after `skip` of them; `*` is anything."""
        with self._lock:
            self._planned.append(Planned(fault, method, path, times, seconds, skip))

    def clear(self) -> None:
        """Forget what is still planned."""
        with self._lock:
            self._planned.clear()

    @property
    def waiting(self) -> int:
        """Return how many requests are still to fail."""
        with self._lock:
            return sum(planned.times for planned in self._planned)

    def take(self, method: str, path: str) -> Planned | None:
        """Return what shall happen to a request."""
        with self._lock:
            for planned in self._planned:
                if planned.method not in ("*", method) or not fnmatchcase(path, planned.path):
                    continue
                if planned.skip:
                    planned.skip -= 1
                    continue
                planned.times -= 1
                if not planned.times:
                    self._planned.remove(planned)
                self.used.append((planned.fault, method, path))
                return planned
        return None
