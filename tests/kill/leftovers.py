"""What dead daemons and workers left behind, and how long after the next start it is still there."""

import contextlib
import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from agent.client.process import is_alive
from sandboxes.cgroups import find_hierarchies
from tests.daemon.daemon_process import processes_with
from tests.kill.stage import Stage

LIMIT = 10.0
"""Seconds after a restart by which nothing may be left."""
_OWNED = re.compile(r"ratchet-\d+-(?P<pid>\d+)-\d+-[0-9a-f]+")
_LOOK = 0.25
_CONTAINERS = ("docker", "ps", "-a", "--no-trunc", "--filter", "label=ratchet.owner")


class Leftovers:
    """Looks all the time; `longest` is how long anything was there after a restart."""

    def __init__(self, stage: Stage, *, docker: bool = False) -> None:
        self.longest = 0.0
        self.last = ""
        """What was there for so long."""
        self.most = 0
        """How many things were there at the same time."""
        self._stage = stage
        self._docker = docker
        self._groups = [hierarchy.parent for hierarchy in find_hierarchies()]
        self._since: dict[str, float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="leftovers")

    def __enter__(self) -> "Leftovers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def __str__(self) -> str:
        """Return the figures."""
        last = f": {self.last}" if self.longest > LIMIT / 2 else ""
        return f"at most {self.most} things left, for {self.longest:.1f} s after a restart{last}"

    def now(self) -> list[str]:
        """Return what belongs to processes of the stage that are gone."""
        ours = self._stage.armed.processes()
        dead = {pid for pid in ours if not is_alive(pid)}
        found = [str(path) for path in self._owned() if _owner(path.name) in dead]
        found += [f"process {pid}" for pid in self._strays(ours)]
        return found + (_containers(dead) if self._docker else [])

    def wait(self) -> list[str]:
        """Return what is left when a restarted daemon had its time."""
        end = time.monotonic() + LIMIT
        while (left := self.now()) and time.monotonic() < end:
            time.sleep(_LOOK)
        return left

    def _watch(self) -> None:
        while not self._done.wait(_LOOK):
            now, found = time.monotonic(), self.now() if self._stage.daemon() else []
            self.most = max(self.most, len(found))
            # A daemon that died has to begin anew; what is gone is forgotten.
            self._since = {name: self._since.get(name, now) for name in found}
            for name, since in self._since.items():
                if now - since > self.longest:
                    self.longest, self.last = now - since, name

    def _owned(self) -> Iterator[Path]:
        for parent in self._groups:
            yield from parent.glob("ratchet-*")
        yield from Path(tempfile.gettempdir()).glob("ratchet-*")
        scratch = self._stage.state / "scratch"
        if scratch.is_dir():
            yield from scratch.iterdir()
        yield from (self._stage.state / "environments").glob("*/.*.part")

    def _strays(self, ours: dict[int, str]) -> list[int]:
        """Return the workers and reapers whose daemon is gone, and what sandboxes run for dead ones."""
        daemon = self._stage.daemon()
        here = processes_with(str(self._stage.state))
        known = {pid for pid in here if pid in ours}
        return [pid for pid in known if ours[pid] != "daemon" and _parent(pid) != daemon]


def _owner(name: str) -> int:
    found = _OWNED.match(name)
    if found is None:
        # An unfinished environment: `.KEY.PID.part`
        parts = name.split(".")
        return int(parts[-2]) if parts[-1] == "part" else 0
    return int(found["pid"])


def _parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


def _containers(dead: set[int]) -> list[str]:
    command = (*_CONTAINERS, "--format", '{{.ID}} {{.Label "ratchet.owner"}}')
    listed = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ).stdout
    rows = (line.split(" ", 1) for line in listed.splitlines())
    return [f"container {name}" for name, owner in rows if int(owner.split("/")[3]) in dead]
