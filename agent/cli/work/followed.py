"""Which tasks a living process follows: a locked file for each, which the kernel frees with the process."""

import fcntl
import os
from pathlib import Path


class Followed:
    """The tasks that this process follows, and a look at those of the others."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mine: dict[str, int] = {}

    def add(self, task_id: str) -> None:
        """Say that this process follows a task, before anybody can see the task."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._folder / task_id, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        self._mine[task_id] = descriptor

    def by_anybody(self, task_id: str) -> bool:
        """Say whether a living process follows a task; forget the file of a dead one."""
        try:
            descriptor = os.open(self._folder / task_id, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        (self._folder / task_id).unlink(missing_ok=True)
        return False

    def close(self) -> None:
        """Follow nothing any more."""
        for task_id, descriptor in self._mine.items():
            (self._folder / task_id).unlink(missing_ok=True)
            os.close(descriptor)
        self._mine = {}
