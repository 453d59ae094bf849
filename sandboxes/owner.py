"""Names that tell who owns a left-over: a process of this PID namespace, told apart by its start time."""

import os
import re
import secrets
from pathlib import Path

_NAME = re.compile(r"ratchet-(?P<space>\d+)-(?P<pid>\d+)-(?P<start>\d+)-[0-9a-f]+")


def new_name() -> str:
    """Return a fresh name that belongs to this process."""
    pid = os.getpid()
    return f"ratchet-{_namespace()}-{pid}-{start_time(pid)}-{secrets.token_hex(4)}"


def is_orphan(name: str) -> bool:
    """True for a name made by new_name in a process that is gone.

    A container may share /tmp or the groups with us; of its processes nothing is known from here.
    """
    found = _NAME.fullmatch(name)
    if found is None or int(found["space"]) != _namespace():
        return False
    return start_time(int(found["pid"])) != int(found["start"])


def _namespace() -> int:
    return Path("/proc/self/ns/pid").stat().st_ino


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None when there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(stat.rpartition(b")")[2].split()[19])


def descendants(root: int) -> list[int]:
    """Return the living processes below one, found by their parents."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (parent := _living_parent(entry)):
            children.setdefault(parent, []).append(int(entry.name))
    found = list(children.get(root, ()))
    for pid in found:
        found.extend(children.get(pid, ()))
    return found


def _living_parent(entry: Path) -> int:
    try:
        fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return 0 if fields[0] == b"Z" else int(fields[1])
