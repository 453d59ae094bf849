"""The right to work on a task: who holds it, and how an owner is told from a dead one."""

import fcntl
import os
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from agent.engine.errors import StoreUnavailable


@dataclass(frozen=True, slots=True)
class Lease:
    """One owner's hold on one task; `token` fences every write and effect made under it."""

    task_id: str
    token: str
    owner: str
    tries: int = 1
    """Owners in a row, this one included, of whom none recorded a step or gave the task back."""


class Signal(StrEnum):
    """What an owner has to know about its task."""

    GO_ON = "go_on"
    CANCEL = "cancel"
    PAUSE = "pause"
    LOST = "lost"


class Owner:
    """A process that runs steps; it lives as long as it holds the lock on its file.

    The kernel drops the lock with the process, so that no process id can be mistaken for another
    and no clock is asked.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.name = secrets.token_hex(8)
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = (directory / self.name).open("w")
        except OSError as error:
            raise StoreUnavailable(
                f"{directory} cannot be written: {error.strerror}",
                hint="free some disk space, or set RATCHET_STATE_DIR to a writable folder",
            ) from None
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def close(self) -> None:
        """Let go: from now on this owner counts as dead."""
        (self._directory / self.name).unlink(missing_ok=True)
        self._file.close()


def is_dead(directory: Path, name: str) -> bool:
    """Say whether an owner of this machine has ended; False for one that is not known here."""
    try:
        descriptor = os.open(directory / name, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
