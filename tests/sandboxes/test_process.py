"""What is the process backend's own: paths stand for others, nothing is promised, nothing is left."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sandboxes.places import Places
from sandboxes.process_sandbox import ProcessBackend
from sandboxes.sandbox import Command, Mount, SandboxSpec

SOURCES = Path(__file__).parents[2]


def test_a_path_of_the_contract_is_replaced_wherever_it_stands_as_a_path():
    places = Places({"/workspace": "/w", "/opt/env": "/e", "/tmp": "/t"})
    assert places.path("/workspace") == "/w"
    assert places.path("PATH=/opt/env/bin:/usr/bin:/workspace") == "PATH=/e/bin:/usr/bin:/w"
    assert places.path("cd /workspace && ls '/tmp/x'") == "cd /w && ls '/t/x'"
    assert (
        places.path("/opt/environment /a/workspace my/tmp /tmp.d")
        == "/opt/environment /a/workspace my/tmp /tmp.d"
    )


def test_a_mount_and_the_workspace_are_found_under_the_names_of_the_contract(tmp_path):
    (tmp_path / "file").write_text("mounted")
    sandbox = ProcessBackend().open(SandboxSpec(root=None, mounts=(Mount(tmp_path, "/opt/env"),)))
    sandbox.put({"here": b""})
    found = sandbox.run(
        Command(("sh", "-c", "cat /opt/env/file; ls /workspace; echo $X"), env={"X": "/opt/env"})
    )
    sandbox.close()
    assert found.stdout.text == f"mountedhere\n{tmp_path}\n"


def test_it_says_that_nothing_isolates():
    probe = ProcessBackend().probe()
    assert probe.available
    assert {"filesystem", "network", "memory"} <= set(probe.missing_limits)


def test_the_folder_is_gone_after_closing():
    sandbox = ProcessBackend().open(SandboxSpec(root=None))
    folder = Path(sandbox.run(Command(("pwd",))).stdout.text.strip())
    assert folder.is_dir()
    sandbox.close()
    assert not folder.parent.exists()


def test_a_killed_owner_leaves_no_process_and_its_folder_is_reaped():
    script = f"""
import os, sys
sys.path.insert(0, {str(SOURCES)!r})
from sandboxes.process_sandbox import ProcessBackend
from sandboxes.sandbox import Command, SandboxSpec
sandbox = ProcessBackend().open(SandboxSpec(root=None))
show = lambda line: print(line.decode(), flush=True)
sandbox.run(Command(("sh", "-c", "setsid sleep 86397 & echo $! $PWD; sleep 86397")), on_output=show)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as owner:
        daemon, folder = owner.stdout.readline().split()
        os.kill(owner.pid, signal.SIGKILL)
        owner.stdout.read()
    wait_until_gone(int(daemon))
    ProcessBackend().reap()
    assert not Path(folder).exists()


def wait_until_gone(pid: int) -> None:
    """The worker notices the end of its pipe and kills what it runs; that takes a moment."""
    watch = os.pidfd_open(pid) if Path(f"/proc/{pid}").exists() else None
    if watch is not None:
        import select

        assert select.select([watch], [], [], 20)[0]
        os.close(watch)


@pytest.mark.parametrize(
    "python",
    [sys.executable, *sorted(map(str, Path.home().glob(".pyenv/versions/3.*/bin/python")))],
    ids=lambda path: path.split("/")[-3] if "versions" in path else "ours",
)
def test_the_worker_runs_on_every_python_from_3_8_on(python):
    version = subprocess.run(
        [python, "-c", "import sys; print(sys.version_info[1])"], capture_output=True, check=True
    )
    if int(version.stdout) < 8:
        return
    sandbox = ProcessBackend().open(SandboxSpec(root=None, python=python))
    sandbox.put({"dir/file": b"data"})
    channel = sandbox.connect(Command(("sh", "-c", "cat <&$RATCHET_CHANNEL_IN >&$RATCHET_CHANNEL_OUT")))
    channel.send(b"hello")
    assert channel.receive(20) == b"hello"
    assert channel.close().ok
    result = sandbox.run(Command(("sh", "-c", "cat dir/file; echo r >&$RATCHET_REPORT_FD"), report=True))
    assert (result.stdout.text, result.report) == ("data", b"r\n")
    assert sandbox.read("**", 100) == {"dir/file": b"data"}
    sandbox.close()
