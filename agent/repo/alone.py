"""One process at a time on a repository of ours."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.protocol.errors import Interrupted

_TICK = 0.05


@contextmanager
def alone(path: Path, interrupt: threading.Event | None) -> Iterator[None]:
    """Keep all other processes out that ask for the same lock file; raises Interrupted while it waits."""
    with path.open("wb") as lock:
        while not _try(lock.fileno()):
            if (interrupt or threading.Event()).wait(_TICK):
                raise Interrupted("cancelled while another process worked on the same repository")
        yield


def _try(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
