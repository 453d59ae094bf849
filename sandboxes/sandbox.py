"""The contract of a sandbox: what goes in, what comes out, what is in force."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

WORKSPACE = "/workspace"
"""Where the tree lies inside every sandbox."""
ENVIRONMENT = "/opt/env"
"""Where the built environment is mounted, read-only except while it is built."""
GUEST = "/opt/ratchet"
"""Where our guest code is mounted, read-only."""
MIB = 1024 * 1024


class SandboxKind(StrEnum):
    """The backends, strongest first."""

    DOCKER = "docker"
    BUBBLEWRAP = "bubblewrap"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one sandbox; sizes in bytes."""

    memory: int = 2048 * MIB
    pids: int = 256
    cpus: float = 2.0
    workspace: int = 1024 * MIB
    tmp: int = 256 * MIB
    inodes: int = 200_000
    file_size: int = 512 * MIB


@dataclass(frozen=True, slots=True)
class Mount:
    """A host directory shown inside at `target`."""

    source: Path
    target: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class SandboxSpec:
    """What to open: a root, what is mounted on it, and the bounds.

    `root` is a directory holding a root file system, or None for the backend's own default.
    `python` is the interpreter, as seen inside, that runs our worker.
    """

    root: Path | None
    mounts: tuple[Mount, ...] = ()
    limits: Limits = Limits()
    env: Mapping[str, str] = field(default_factory=dict)
    network: bool = False
    python: str = "/usr/bin/python3"
    task: str = ""


class Ending(StrEnum):
    """Why a command stopped; resource endings come from counters, never from text."""

    EXITED = "exited"
    SIGNALLED = "signalled"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    PIDS = "pids"
    DISK = "disk"
    OUTPUT = "output"
    CANCELLED = "cancelled"
    LOST = "lost"
    """The sandbox itself died."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program to run inside, with its bounds.

    With `report`, the child inherits a pipe whose number is in `RATCHET_REPORT_FD`; what it
    writes there comes back as `Result.report`.
    """

    argv: tuple[str, ...]
    cwd: str = WORKSPACE
    env: Mapping[str, str] = field(default_factory=dict)
    stdin: bytes = b""
    seconds: float = 60.0
    keep_output: int = 256 * 1024
    """Bytes kept of each stream: one half from its head, one half from its tail."""
    max_output: int = 64 * MIB
    """Bytes of both streams together after which the command is ended as `output`."""
    report: bool = False
    max_report: int = 64 * MIB


@dataclass(frozen=True, slots=True)
class Output:
    """A capped stream: its head, its tail when something was cut, and how much there was."""

    head: bytes = b""
    tail: bytes = b""
    total: int = 0

    @property
    def text(self) -> str:
        """Return the stream as text with the cut marked."""
        cut = self.total - len(self.head) - len(self.tail)
        middle = f"\n[... {cut} bytes cut ...]\n" if cut > 0 else ""
        return self.head.decode("utf-8", "replace") + middle + self.tail.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Result:
    """What one command did."""

    ending: Ending
    exit_code: int | None = None
    signal: int | None = None
    stdout: Output = Output()
    stderr: Output = Output()
    report: bytes = b""
    report_cut: bool = False
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """True when the command ended by itself with exit code 0."""
        return self.ending is Ending.EXITED and self.exit_code == 0


@dataclass(frozen=True, slots=True)
class InForce:
    """What isolates the code, and which limits could not be enforced."""

    kind: SandboxKind
    image: str
    network: str = "none"
    missing_limits: tuple[str, ...] = ()


class Channel(Protocol):
    """A long-running program inside, spoken to in whole messages.

    The program inherits two pipes, their numbers in `RATCHET_CHANNEL_IN` and
    `RATCHET_CHANNEL_OUT`; each message is a 4-byte big-endian length and that many bytes.
    """

    def send(self, message: bytes) -> None:
        """Hand over one message; raises SandboxLost when the program is gone."""

    def receive(self, seconds: float) -> bytes | None:
        """Return the next message, None after `seconds`; raises SandboxLost when the program is gone."""

    def close(self) -> Result:
        """End the program and everything it started, and say how it ended."""


class Sandbox(Protocol):
    """An isolated machine with a worker in it; one command or channel at a time."""

    @property
    def in_force(self) -> InForce:
        """Say what isolates the code."""

    def unpack(self, tar: Iterable[bytes], target: str = WORKSPACE) -> None:
        """Extract an uncompressed tar stream into a directory inside."""

    def put(self, files: Mapping[str, bytes | None]) -> None:
        """Write files, paths relative to the workspace; None removes one."""

    def read(self, pattern: str, max_bytes: int) -> dict[str, bytes]:
        """Return regular files of the workspace that match a glob, capped in all, symlinks not followed."""

    def run(
        self,
        command: Command,
        *,
        on_output: Callable[[bytes], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Result:
        """Run a command to its end; everything it started is gone when this returns."""

    def connect(self, command: Command) -> Channel:
        """Start a program and speak to it in messages."""

    def close(self) -> None:
        """Take the sandbox down; safe to call twice and from another thread."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What trying a backend out showed; `remedy` says what to do when something is missing."""

    kind: SandboxKind
    available: bool
    detail: str
    remedy: str = ""
    missing_limits: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Backend(Protocol):
    """A way to make sandboxes."""

    @property
    def kind(self) -> SandboxKind:
        """Name the backend."""

    def probe(self) -> Probe:
        """Find out, by running something, whether sandboxes can be made and what they enforce."""

    def open(self, spec: SandboxSpec) -> Sandbox:
        """Make a sandbox; raises SandboxError."""

    def reap(self) -> int:
        """Remove sandboxes whose owner process is gone; returns how many."""
