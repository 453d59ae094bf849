"""The kernel's own counts of limits that were hit, read from inside the sandbox."""

import os

# The places of cgroup version 1, then of version 2.
OOM = ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events")
PIDS = ("/sys/fs/cgroup/pids/pids.events", "/sys/fs/cgroup/pids.events")
FULL = 4 * 4096


def _count(paths, name):
    for path in paths:
        try:
            with open(path, "rb") as file:
                lines = file.read().splitlines()
        except OSError:
            continue
        for line in lines:
            field, _, value = line.partition(b" ")
            if field == name:
                return int(value)
    return 0


def _full(path):
    try:
        free = os.statvfs(path)
    except OSError:
        return False
    return free.f_bavail * free.f_frsize < FULL or (free.f_files > 0 and free.f_favail == 0)


class Counters(object):
    """How often memory, process and disk limits were hit since this was made."""

    def __init__(self, disks, isolated):
        self._disks = disks
        # Without a group of our own, those files tell of other programs.
        self._files = (OOM, PIDS) if isolated else ((), ())
        self._oom, self._pids = self._read()
        self.disk = False

    def sample(self):
        """Note a full disk; it may be emptied again before the command ends."""
        self.disk = self.disk or any(_full(path) for path in self._disks)

    def _read(self):
        oom, pids = self._files
        return _count(oom, b"oom_kill"), _count(pids, b"max")

    @property
    def oom(self):
        """Processes killed for memory."""
        return self._read()[0] - self._oom

    @property
    def pids(self):
        """Forks refused."""
        return self._read()[1] - self._pids
