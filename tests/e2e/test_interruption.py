"""Ctrl-C and SIGKILL in the middle of a real fix: nothing is left, nothing of the user's is touched."""

import os
import signal
import subprocess
import time
from collections.abc import Callable

import docker
import pytest

from tests.e2e.conftest import Ratchet, Repository

MakeRepository = Callable[..., Repository]

HOPELESS = {
    "wave.py": (
        "def wave(x):\n    total = 0\n    for k in range(x):\n        total += k * x + 1\n    return total\n"
    ),
    "test_wave.py": (
        "import time\n\nfrom wave import wave\n\n\ndef test_wave():\n    time.sleep(0.05)\n"
        "    assert wave(3) == 1234567\n    assert wave(4) == 7654321\n    assert wave(9) == -17\n"
    ),
}


def started_search(ratchet: Ratchet, repository: Repository, sandbox: str) -> subprocess.Popen[str]:
    """Start a fix that cannot succeed, and return when its search has begun."""
    process = ratchet.start(
        "fix", "-C", str(repository.path), "--sandbox", sandbox, "--timeout", "120", "--json"
    )
    assert process.stderr is not None
    for line in process.stderr:
        if "search" in line:
            return process
    raise AssertionError(f"the search never began: {process.communicate()}")


def containers_of(process_id: int) -> list[str]:
    client = docker.from_env()
    try:
        found = client.containers.list(all=True, filters={"label": "ratchet.owner"})
        return [one.id for one in found if str(process_id) == one.labels["ratchet.owner"].split("/")[3]]
    finally:
        client.close()


def descendants_of_session(session: int) -> list[int]:
    """Return the live processes of a session that a command was started in."""
    out = subprocess.run(["ps", "-eo", "pid=,sess=,stat="], capture_output=True, text=True, check=True)
    rows = (line.split() for line in out.stdout.splitlines())
    return [int(pid) for pid, owner, stat in rows if int(owner) == session and not stat.startswith("Z")]


def soon(condition: Callable[[], bool], seconds: float = 15) -> bool:
    """Return whether a condition becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


@pytest.mark.parametrize("sandbox", ["docker", "bubblewrap"])
def test_an_interrupt_ends_the_sandbox_and_leaves_the_repository_as_it_was(
    make_repository: MakeRepository, ratchet: Ratchet, sandbox: str
) -> None:
    repository = make_repository(HOPELESS)
    before = repository.fingerprint()
    process = started_search(ratchet, repository, sandbox)

    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)

    assert process.returncode == 130
    assert '"interrupted"' in out
    assert repository.fingerprint() == before
    assert repository.git("branch", "--list", "ratchet/*") == ""
    assert containers_of(process.pid) == []
    assert descendants_of_session(process.pid) == []


@pytest.mark.parametrize("sandbox", ["docker", "bubblewrap"])
def test_a_kill_of_the_process_group_leaves_no_orphan_after_the_next_start(
    make_repository: MakeRepository, ratchet: Ratchet, cart: Repository, sandbox: str
) -> None:
    repository = make_repository(HOPELESS, name="hopeless")
    before = repository.fingerprint()
    process = started_search(ratchet, repository, sandbox)

    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    assert repository.fingerprint() == before
    assert ratchet.json("fix", "-C", str(cart.path), "--sandbox", sandbox)["outcome"] == "verified"
    assert soon(lambda: containers_of(process.pid) == [])
    assert descendants_of_session(process.pid) == []
