"""Which process a container belongs to, written so that its death can be told later."""

import hashlib
import os
import socket
from dataclasses import dataclass
from pathlib import Path

from sandboxes.owner import start_time

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Owner:
    """One process for all time: the machine, its boot, the pid namespace, the pid and its start."""

    host: str
    boot: str
    namespace: str
    pid: int
    start: str

    def __str__(self) -> str:
        return "/".join((self.host, self.boot, self.namespace, str(self.pid), self.start))

    @classmethod
    def parse(cls, text: str) -> "Owner | None":
        """Read what `str` wrote; None when this is not ours."""
        parts = text.split("/")
        if len(parts) != 5 or not parts[3].isdecimal():
            return None
        return cls(parts[0], parts[1], parts[2], int(parts[3]), parts[4])

    @classmethod
    def of_process(cls, pid: int) -> "Owner":
        """Name a process of this machine."""
        return cls(_host(), _boot(), _namespace(), pid, str(start_time(pid) or ""))

    def is_gone(self, *, engine_is_local: bool) -> bool:
        """Say whether the process is certainly dead; False whenever that cannot be known from here.

        A boot that is over proves death only where the engine runs on our kernel: two machines
        cloned from one image may share a remote engine.
        """
        here = Owner.of_process(self.pid)
        if self.host != here.host:
            return False
        if self.boot != here.boot:
            return engine_is_local
        if self.namespace != here.namespace:
            return False
        # Another user's process may hide its start from us; that it exists can always be seen.
        return not _exists(self.pid) or here.start not in ("", self.start)


def _host() -> str:
    name = socket.gethostname() + "\n" + _read(Path("/etc/machine-id"))
    return hashlib.sha256(name.encode()).hexdigest()[:16]


def _boot() -> str:
    return _read(_PROC / "sys/kernel/random/boot_id").replace("-", "")


def _namespace() -> str:
    try:
        return str((_PROC / "self/ns/pid").stat().st_ino)
    except OSError:
        return ""


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
