"""One build at a time per folder, also between processes."""

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sandboxes.errors import EnvironmentBroken

_TICK = 0.2


@contextmanager
def exclusive(
    path: Path, *, on_wait: Callable[[], None], cancel: threading.Event | None = None
) -> Iterator[None]:
    """Hold a lock file; waits for another holder, raises EnvironmentBroken when cancelled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        told = False
        while not _try_lock(file.fileno()):
            if not told:
                on_wait()
                told = True
            if (cancel or threading.Event()).wait(_TICK):
                raise EnvironmentBroken("Building the environment was cancelled.")
        yield


@contextmanager
def unless_held(path: Path) -> Iterator[bool]:
    """Hold a lock file if nobody else does; yields whether it is held now."""
    with path.open("w") as file:
        yield _try_lock(file.fileno())


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
