"""How one daemon is set up."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from agent.config import machine
from agent.protocol.errors import UsageError

STORY = "agent.tasks.run:RepairStory"
MIB = 1024 * 1024


def default_workers() -> int:
    """Return how many tasks run at the same time.

    Half the cores, since the sandbox of a task keeps about one more core busy than its worker; but two
    at least, so that a short task need not wait for a long search.
    """
    return max(2, (os.cpu_count() or 1) // 2)


def owners_folder(state: Path, database: str | None) -> Path:
    """Return the directory of the locks of those who run steps; it belongs to one database alone."""
    return _folder(state, "owners", database)


def publishers_folder(state: Path, database: str | None) -> Path:
    """Return the directory of the locks of those who write to forges; it belongs to one database alone."""
    return _folder(state, "publishers", database)


def _folder(state: Path, name: str, database: str | None) -> Path:
    if database is None:
        return state / name
    return state / f"{name}-{hashlib.sha256(database.encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Settings:
    """What `ratchet daemon run` was told; everything else is found in the state directory."""

    state: Path
    listen: str | None = None
    """HOST:PORT for TCP besides the Unix socket."""
    hosts: tuple[str, ...] = ()
    """Further names that requests over TCP may call this machine by."""
    database: str | None = None
    """PostgreSQL URL; None means the file in the state directory."""
    workers: int = 2
    per_repository: int = 2
    story: str = STORY
    """Import path, `module:NAME`, of what makes the workers' Story from the state directory."""
    machine: str = field(default_factory=machine)
    """Name of this machine to the other daemons of a database."""
    idle_minutes: float = 30.0
    """The daemon ends after this time without a task, a subscriber or a request; 0 means never."""
    worker_idle_seconds: float = 30.0
    """A worker process ends after this time without a task."""
    keep_alive_seconds: float = 15.0
    largest_body: int = MIB
    """Bytes of a request."""

    @property
    def place(self) -> Path | str:
        """Return what `Database.open` takes."""
        return self.database or self.state

    @property
    def owners(self) -> Path:
        """Return the directory of the locks of those who run steps."""
        return owners_folder(self.state, self.database)

    @property
    def publishers(self) -> Path:
        """Return the directory of the locks of those who write to forges."""
        return publishers_folder(self.state, self.database)

    @property
    def tcp(self) -> tuple[str, int] | None:
        """Return host and port to listen on; raises UsageError."""
        if self.listen is None:
            return None
        host, colon, port = self.listen.rpartition(":")
        if not colon or not host or not port.isdecimal() or int(port) > 65535:
            raise UsageError(f"--listen {self.listen!r} is not HOST:PORT", hint="e.g. 127.0.0.1:8421")
        return host.strip("[]"), int(port)
