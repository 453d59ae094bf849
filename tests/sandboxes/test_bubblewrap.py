"""What is bubblewrap's own: users, threads, groups, roots, and what a killed owner leaves."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sandboxes.bubblewrap_sandbox import BubblewrapBackend
from sandboxes.bubblewrap_start import reachable
from sandboxes.errors import SandboxError
from sandboxes.host_root import on_host_root
from sandboxes.sandbox import MIB, Command, Mount, SandboxSpec
from tests.sandboxes.kits import LIMITS

SOURCES = Path(__file__).parents[2]
OPEN = f"""
import os, signal, sys
sys.path.insert(0, {str(SOURCES)!r})
from sandboxes.bubblewrap_sandbox import BubblewrapBackend
from sandboxes.sandbox import Command, SandboxSpec
backend = BubblewrapBackend()
sandbox = backend.open(SandboxSpec(root=None))
"""
SHOW = """
print(sandbox.in_force.missing_limits)
print(sandbox.run(Command(("id", "-u"))).stdout.text.strip())
sandbox.put({"a": b"1"})
print(sandbox.read("*", 10))
sandbox.close()
"""
STAY = """
show = lambda _: print(os.getpid(), flush=True)
sandbox.run(Command(("sh", "-c", "echo; sleep 86398")), on_output=show)
"""


@pytest.fixture(scope="module")
def backend():
    return BubblewrapBackend()


def interpreter() -> str:
    """A Python that every user of this machine can run."""
    return next(path for path in (sys.executable, "/usr/bin/python3") if reachable(Path(path)))


def test_an_ordinary_user_gets_sandboxes_and_is_told_what_is_not_bounded():
    user = ["setpriv", "--reuid=23456", "--regid=23456", "--clear-groups"] if os.geteuid() == 0 else []
    argv = [*user, interpreter(), "-c", OPEN + SHOW]
    done = subprocess.run(argv, capture_output=True, text=True, cwd="/", timeout=60, check=False)
    missing, uid, files = done.stdout.splitlines()
    assert "inodes" in missing
    assert (uid, files) == ("65534", "{'a': b'1'}")
    assert done.stderr == ""


def test_root_without_the_means_to_become_nobody_gets_weaker_sandboxes_and_is_told(monkeypatch, tmp_path):
    (tmp_path / "bwrap").symlink_to(shutil.which("bwrap"))
    monkeypatch.setenv("PATH", str(tmp_path))
    probe = BubblewrapBackend().probe()
    assert probe.available
    assert "inodes" in probe.missing_limits
    assert len(probe.warnings) == (1 if os.geteuid() == 0 else 0)


def test_a_sandbox_outlives_the_thread_that_opened_it(backend):
    opened = []
    thread = threading.Thread(
        target=lambda: opened.append(backend.open(SandboxSpec(root=None, limits=LIMITS)))
    )
    thread.start()
    thread.join()
    assert opened[0].run(Command(("sleep", "0.2"))).ok
    opened[0].close()


def test_a_sandbox_outlives_the_last_reference_to_its_backend():
    sandbox = BubblewrapBackend().open(SandboxSpec(root=None, limits=LIMITS))
    assert sandbox.run(Command(("sleep", "0.2"))).ok
    sandbox.close()


def test_a_killed_owner_leaves_no_process_and_what_else_it_leaves_is_reaped(backend):
    """SIGKILL takes bwrap along by --die-with-parent; directories are for the next start."""
    with subprocess.Popen([sys.executable, "-c", OPEN + STAY], stdout=subprocess.PIPE, text=True) as owner:
        pid = int(owner.stdout.readline())
        while not mentions("86398"):
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        owner.stdout.read()
    backend.reap()
    assert not mentions("86398")
    assert not list(Path("/sys/fs/cgroup").glob(f"*/ratchet-*-{pid}-*"))
    assert not list(Path("/tmp").glob(f"ratchet-*-{pid}-*"))


def mentions(word: str) -> bool:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes())
    return any(b"sleep" in line.split(b"\0")[0] and word.encode() in line for line in lines)


def test_a_root_of_its_own_is_shown_instead_of_the_hosts(backend, tmp_path):
    spec = on_host_root(SandboxSpec(root=None, limits=LIMITS), tmp_path / "root")
    (spec.root / "etc/of-this-root").write_text("here")
    (spec.root / "opt/tool").mkdir()
    sandbox = backend.open(spec)
    found = sandbox.run(Command(("sh", "-c", "cat /etc/of-this-root; echo; ls /opt"))).stdout.text
    sandbox.close()
    assert found.split() == ["here", "ratchet", "tool"]


def test_a_root_that_only_root_can_reach_serves_too(backend, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    sandbox = backend.open(on_host_root(SandboxSpec(root=None, limits=LIMITS), closed / "root"))
    assert sandbox.run(Command(("ls", "/usr/bin/env", "/etc/passwd"))).ok
    sandbox.close()


def test_a_mount_that_is_not_there_is_one_error_and_leaves_nothing(backend, tmp_path):
    groups = set(Path("/sys/fs/cgroup").glob(f"*/ratchet-*-{os.getpid()}-*"))
    with pytest.raises(SandboxError) as refused:
        backend.open(SandboxSpec(root=None, mounts=(Mount(tmp_path / "missing", "/opt/x"),)))
    assert "missing" in refused.value.log
    assert set(Path("/sys/fs/cgroup").glob(f"*/ratchet-*-{os.getpid()}-*")) <= groups


def test_a_single_file_can_be_mounted(backend, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").write_text("content")
    sandbox = backend.open(SandboxSpec(root=None, mounts=(Mount(closed / "file", "/opt/file"),)))
    assert sandbox.run(Command(("cat", "/opt/file"))).stdout.text == "content"
    sandbox.close()


def test_memory_of_the_disks_is_added_to_the_memory_limit(backend):
    sandbox = backend.open(SandboxSpec(root=None, limits=LIMITS))
    fill = "head -c 60M /dev/zero > f; head -c 30M /dev/zero > /tmp/f; python3 -c 'b = bytearray(200 << 20)'"
    assert LIMITS.workspace + LIMITS.tmp + LIMITS.memory > 290 * MIB
    assert sandbox.run(Command(("sh", "-ec", fill))).ok
    sandbox.close()
