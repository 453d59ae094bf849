"""Control groups that bound one sandbox, made where this process is allowed to make them."""

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from sandboxes.cgroup_mounts import own_folder, own_groups, parse_mounts
from sandboxes.owner import is_orphan, new_name
from sandboxes.sandbox import Limits

CONTROLLERS = ("memory", "pids", "cpu")
PERIOD = 100_000
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A directory below which we make groups, and the controllers that it offers."""

    parent: Path
    version: int
    controllers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The directories of one sandbox, one per hierarchy, and the limits they enforce."""

    folders: tuple[tuple[Hierarchy, Path], ...]
    enforced: tuple[str, ...]

    @property
    def joins(self) -> tuple[str, ...]:
        """Files into which a process writes its id to join."""
        return tuple(str(folder / "cgroup.procs") for _, folder in self.folders)

    @property
    def views(self) -> tuple[tuple[Path, str], ...]:
        """(Host directory, where the worker looks for it inside)."""
        return tuple(
            (
                folder,
                "/sys/fs/cgroup" if hierarchy.version == 2 else f"/sys/fs/cgroup/{hierarchy.controllers[0]}",
            )
            for hierarchy, folder in self.folders
        )

    def remove(self) -> None:
        """Kill what is left inside and remove the directories."""
        for _, folder in self.folders:
            _empty(folder)


def find_hierarchies() -> tuple[Hierarchy, ...]:
    """Return where groups with our controllers can be made; empty when nowhere."""
    own = own_groups(Path("/proc/self/cgroup").read_text())
    mounts = parse_mounts(Path("/proc/self/mountinfo").read_text())
    found: list[Hierarchy] = []
    for controller in CONTROLLERS:
        folder = own_folder(own.get(controller), mounts.get(controller))
        if folder is not None and _works(folder):
            found.append(Hierarchy(folder, 1, (controller,)))
    if not found:
        folder = own_folder(own.get(""), mounts.get(""))
        unified = _delegated(folder, mounts[""][1]) if folder is not None else None
        found = [unified] if unified is not None else []
    return tuple(found)


def make_group(hierarchies: tuple[Hierarchy, ...], limits: Limits) -> Group:
    """Make the directories of one sandbox and write its limits."""
    name, folders, enforced = new_name(), [], []
    for hierarchy in hierarchies:
        folder = hierarchy.parent / name
        folder.mkdir()
        folders.append((hierarchy, folder))
        for controller in hierarchy.controllers:
            if _limit(folder, hierarchy.version, controller, limits):
                enforced.append({"cpu": "cpus"}.get(controller, controller))
    return Group(tuple(folders), tuple(enforced))


def reap_groups(hierarchies: tuple[Hierarchy, ...]) -> int:
    """Remove groups of processes that are gone, with all that runs in them; returns how many."""
    names = set()
    for hierarchy in hierarchies:
        for folder in hierarchy.parent.glob("ratchet-*"):
            if is_orphan(folder.name):
                _empty(folder)
                names.add(folder.name)
    return len(names)


def _limit(folder: Path, version: int, controller: str, limits: Limits) -> bool:
    """Write the bounds of one controller; False when the kernel refuses them.

    Pages of the sandbox's tmpfs are charged to the group, so the disks' sizes are added to the memory.
    """
    memory = limits.memory + limits.workspace + limits.tmp
    quota = int(limits.cpus * PERIOD)
    bounds: dict[tuple[int, str], dict[str, int | str]] = {
        (1, "memory"): {"memory.limit_in_bytes": memory, "memory.memsw.limit_in_bytes": memory},
        (1, "pids"): {"pids.max": limits.pids},
        (1, "cpu"): {"cpu.cfs_period_us": PERIOD, "cpu.cfs_quota_us": quota},
        (2, "memory"): {"memory.max": memory, "memory.swap.max": 0},
        (2, "pids"): {"pids.max": limits.pids},
        (2, "cpu"): {"cpu.max": f"{quota} {PERIOD}"},
    }
    try:
        for name, value in bounds[version, controller].items():
            # Without swap accounting there is no file for it.
            if "sw" not in name or (folder / name).exists():
                (folder / name).write_text(str(value))
    except OSError:
        return False
    return True


def _empty(folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > end:
                return
        with contextlib.suppress(OSError):
            for pid in (folder / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
        time.sleep(0.002)


def _works(folder: Path) -> bool:
    """Try it out: permission to make a group does not include permission to move into it."""
    trial = folder / new_name()
    try:
        trial.mkdir()
    except OSError:
        return False
    join = ["/bin/sh", "-c", 'echo $$ > "$1"', "sh", str(trial / "cgroup.procs")]
    joined = subprocess.run(join, capture_output=True, check=False).returncode == 0
    _empty(trial)
    return joined


def _delegated(folder: Path, top: Path) -> Hierarchy | None:
    """Find the nearest group upwards whose children can have our controllers.

    Our own group is tried first but holds ourselves, which version 2 forbids for a group with controlled
    children; a delegated parent, or the root when we are root, serves.
    """
    while True:
        offered = _enable(folder)
        if offered and _works(folder):
            return Hierarchy(folder, 2, offered)
        if folder == top:
            return None
        folder = folder.parent


def _enable(folder: Path) -> tuple[str, ...]:
    """Ask for our controllers in the children of a group; returns those that are there.

    Without the memory controller nothing is asked for: the others can be had in a group that holds
    processes, but then nothing can move into its children.
    """
    control = folder / "cgroup.subtree_control"
    enabled: list[str] = []
    for controller in CONTROLLERS:
        with contextlib.suppress(OSError):
            control.write_text(f"+{controller}")
            enabled = control.read_text().split()
        if CONTROLLERS[0] not in enabled:
            return ()
    return tuple(controller for controller in CONTROLLERS if controller in enabled)
