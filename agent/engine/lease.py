"""The right to work on a task or to write to a forge: who has it, and which owners are dead."""

import fcntl
import os
import secrets
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, Table, select

from agent.engine.errors import LeaseLost, StoreUnavailable
from agent.engine.schema import FORGES, TASKS


class Fence(Protocol):
    """A hold under which effects of a task are made; gone as soon as another owner has it."""

    @property
    def task_id(self) -> str:
        """Return whose effects they are."""

    @property
    def token(self) -> str:
        """Return what only this hold has."""

    @property
    def table(self) -> Table:
        """Return where the token is written while the hold lasts."""

    @property
    def row(self) -> ColumnElement[bool]:
        """Return the condition that is true for its row there, whoever holds it."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One owner's hold on one task; `token` fences every write and effect made under it."""

    task_id: str
    token: str
    owner: str
    tries: int = 1
    """Owners in a row, this one included, of whom none got on with it or gave it back."""

    @property
    def table(self) -> Table:
        """Return the tasks."""
        return TASKS

    @property
    def row(self) -> ColumnElement[bool]:
        """Return the condition for the task."""
        return TASKS.c.task_id == self.task_id


@dataclass(frozen=True, slots=True)
class ForgeLease:
    """One owner's hold on a repository of a forge, to write there for one task after the other."""

    repository: str
    token: str
    owner: str
    task_id: str = ""
    """For which it writes now."""

    @property
    def table(self) -> Table:
        """Return the repositories on forges."""
        return FORGES

    @property
    def row(self) -> ColumnElement[bool]:
        """Return the condition for the repository."""
        return FORGES.c.repository == self.repository


def check_fence(connection: Connection, lease: Fence) -> None:
    """Raise LeaseLost when it is no longer this owner's; else it stays so for the transaction."""
    token = select(lease.table.c.token).where(lease.row).with_for_update()
    if connection.scalar(token) != lease.token:
        raise LeaseLost(lease.task_id)


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
            # Nobody may see the file before it is locked.
            hidden = directory / f".{self.name}"
            self._descriptor = os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            hidden.rename(directory / self.name)
        except OSError as error:
            raise StoreUnavailable(
                f"{directory} cannot be written: {error.strerror}",
                hint="free some disk space, or set RATCHET_STATE_DIR to a writable folder",
            ) from None

    def close(self) -> None:
        """Let go: from now on this owner counts as dead."""
        (self._directory / self.name).unlink(missing_ok=True)
        os.close(self._descriptor)


def dead_owners(directory: Path) -> list[str]:
    """Return the owners of this machine that ended without closing."""
    return [file.name for file in directory.glob("[!.]*") if is_dead(directory, file.name)]


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
