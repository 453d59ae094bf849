"""Code that takes all it can get: each attack ends as its typed outcome, and nothing of it is left."""

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sandboxes.sandbox import MIB, Command, Ending

FORK = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""
THREADS = """
import threading, time
while True:
    threading.Thread(target=time.sleep, args=(60,)).start()
"""
SHARED = """
import mmap
hog = []
while True:
    hog.append(mmap.mmap(-1, 1 << 24))
    hog[-1].write(b"x" * (1 << 24))
"""
IGNORE = """
import signal, time
for number in set(signal.valid_signals()) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)
time.sleep(60)
"""
DAEMONS = """
import os
while os.fork() == 0:
    os.setsid()
"""
INODES = """
n = 0
while True:
    n += 1
    open("f%d" % n, "w")
"""


def python(code: str, **options: object) -> Command:
    return Command(("python3", "-c", code), **options)


def shell(script: str, **options: object) -> Command:
    return Command(("sh", "-c", script), **options)


FORK_BOMB = shell("bomb() { bomb | bomb & }; bomb; wait; sleep 60", seconds=3)
MEMORY_HOG = python("hog = []\nwhile True: hog.append(bytearray(1 << 22))", seconds=30)
DISK_FILLER = shell("while :; do n=$((n + 1)); cat /dev/zero > filler$n || sleep 0.1; done", seconds=2)
ENDLESS_OUTPUT = Command(("yes",), seconds=30, max_output=20 * MIB)
ATTACKS = {
    "a fork bomb": (FORK_BOMB, Ending.PIDS),
    "a fork bomb that heeds nothing": (python(FORK), Ending.PIDS),
    "a thread bomb": (python(THREADS, seconds=1), Ending.PIDS),
    "a memory hog": (MEMORY_HOG, Ending.OUT_OF_MEMORY),
    "a hog of shared memory": (python(SHARED, seconds=30), Ending.OUT_OF_MEMORY),
    "a disk filler": (DISK_FILLER, Ending.DISK),
    "a filler of /tmp": (Command(("dd", "if=/dev/zero", "of=/tmp/filler", "bs=1M")), Ending.DISK),
    "an inode filler": (python(INODES), Ending.DISK),
    "endless output": (ENDLESS_OUTPUT, Ending.OUTPUT),
    "endless errors": (shell("yes >&2", seconds=30, max_output=20 * MIB), Ending.OUTPUT),
    "a sleeper": (Command(("sleep", "infinity"), seconds=0.5), Ending.TIMEOUT),
    "a signal ignorer": (python(IGNORE, seconds=0.5), Ending.TIMEOUT),
    "a stopper of everything": (shell("kill -STOP -1; kill -STOP $$", seconds=0.5), Ending.TIMEOUT),
}


def processes(sandbox) -> list[str]:
    listing = sandbox.run(Command(("sh", "-c", "grep -h Name: /proc/[0-9]*/status")))
    assert listing.ok
    return sorted(line.split()[1] for line in listing.stdout.text.splitlines())


BOUND = {Ending.PIDS: "pids", Ending.OUT_OF_MEMORY: "memory"}
"""Limits that an ordinary user's bubblewrap may not have, and then says so."""


def bounded(sandbox, name: str) -> bool:
    """False for an attack on what this sandbox admits that it can not bound."""
    limit = "inodes" if "inode" in name else BOUND.get(ATTACKS[name][1], "")
    return limit not in sandbox.in_force.missing_limits


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_ends_as_what_it_is_and_the_sandbox_lives_on(cell, name):
    attack, ending = ATTACKS[name]
    if not bounded(cell, name):
        assert os.geteuid() != 0, "root can bound everything"
        return
    before = processes(cell)
    assert cell.run(attack).ending is ending
    assert processes(cell) == before


def test_what_forks_away_for_ever_is_gone_with_its_command(cell):
    before = processes(cell)
    cell.run(python(DAEMONS, seconds=5))
    assert processes(cell) == before


def test_a_file_larger_than_allowed_ends_as_disk(isolating):
    cell = isolating.open(limits=replace(isolating.spec.limits, file_size=MIB))
    result = cell.run(Command(("dd", "if=/dev/zero", "of=big", "bs=64k", "count=64")))
    cell.close()
    assert result.ending is Ending.DISK


def test_four_attacks_at_once_each_end_as_what_they_are(isolating, cell):
    names = ("a fork bomb", "a memory hog", "a disk filler", "endless output")
    cells = {name: isolating.open() for name in names if bounded(cell, name)}
    with ThreadPoolExecutor(len(names)) as pool:
        running = {name: pool.submit(cells[name].run, ATTACKS[name][0]) for name in cells}
        endings = {name: result.result().ending for name, result in running.items()}
    for opened in cells.values():
        opened.close()
    assert endings == {name: ATTACKS[name][1] for name in cells}


def test_a_closed_sandbox_leaves_no_group_and_no_process(isolating):
    groups = set(Path("/sys/fs/cgroup").glob(f"*/ratchet-*-{os.getpid()}-*"))
    cell = isolating.open()
    mark = f"86{os.getpid()}"
    started = threading.Event()
    runner = threading.Thread(
        target=cell.run,
        args=(shell(f"setsid sleep {mark} & echo; sleep {mark}"),),
        kwargs={"on_output": lambda _: started.set()},
    )
    runner.start()
    started.wait()
    assert running(mark)
    cell.close()
    runner.join()
    assert not running(mark)
    assert set(Path("/sys/fs/cgroup").glob(f"*/ratchet-*-{os.getpid()}-*")) <= groups


def running(mark: str) -> list[bytes]:
    """Return the command lines of this machine that carry the mark."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_bytes())
    return [line for line in found if mark.encode() in line and b"sleep" in line]
