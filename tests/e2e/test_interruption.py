"""Ctrl-C and SIGKILL in the middle of a real fix: nothing is left, nothing of the user's is touched."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import docker
import pytest

from agent.config import machine
from agent.engine.catalog import Catalog
from agent.engine.checkpoints import Checkpoints
from agent.engine.database import Database
from agent.engine.lease import Lease, Owner
from agent.engine.queue import Queue
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.planners.search.saved import Saved
from agent.protocol.event import Event
from agent.protocol.progress import Progress
from agent.tasks.run import RepairStory
from tests.e2e.conftest import Ratchet, Repository, new_repository, share_caches

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


@pytest.fixture(scope="module")
def hopeless(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that no fix of ours can help, and that nobody changes."""
    return new_repository(tmp_path_factory.mktemp("hopeless"), HOPELESS)


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
        found = client.containers.list(all=True, ignore_removed=True, filters={"label": "ratchet.owner"})
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


@pytest.mark.parametrize("sandbox", [pytest.param("docker", marks=pytest.mark.long), "bubblewrap"])
def test_an_interrupt_ends_the_sandbox_and_leaves_the_repository_as_it_was(
    hopeless: Repository, ratchet: Ratchet, sandbox: str
) -> None:
    repository = hopeless
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


@pytest.mark.long
@pytest.mark.parametrize("sandbox", ["bubblewrap", "docker"])
def test_a_kill_of_the_process_group_leaves_no_orphan_after_the_next_start(
    hopeless: Repository, ratchet: Ratchet, cart: Repository, sandbox: str
) -> None:
    repository = hopeless
    before = repository.fingerprint()
    process = started_search(ratchet, repository, sandbox)

    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    assert repository.fingerprint() == before
    assert ratchet.json("fix", "-C", str(cart.path), "--sandbox", sandbox)["outcome"] == "verified"
    assert soon(lambda: containers_of(process.pid) == [])
    assert descendants_of_session(process.pid) == []


class FirstLook:
    """A listener that stops the worker as soon as its search says how far it is."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.candidates: list[int] = []

    def on_event(self, event: Event) -> None:
        pass

    def on_progress(self, task_id: str, update: object) -> None:
        assert isinstance(update, Progress)
        if update.phase == "search" and update.candidates:
            self.candidates.append(update.candidates)
            self.stop.set()


def saved_by(database: Database, task_id: str) -> Saved | None:
    data = Checkpoints(database, Lease(task_id, "", "")).load("propose:1")
    return None if data is None else Saved.model_validate_json(data)


@pytest.fixture
def apart(tmp_path: Path, state_dir: Path) -> Path:
    """Return a state directory in which no other command ends the tasks of one that was killed."""
    state = tmp_path / "state"
    state.mkdir()
    share_caches(state_dir, state)
    return state


def test_a_search_that_was_killed_goes_on_where_it_was(make_repository: MakeRepository, apart: Path) -> None:
    repository = make_repository(HOPELESS)
    process = started_search(Ratchet(apart), repository, "bubblewrap")
    with closing(Database.open(apart / "foreground")) as database:
        (task,) = Catalog(database).page(repository=str(repository.path)).tasks
        assert soon(lambda: saved_by(database, task.task_id) is not None, seconds=60)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        before = saved_by(database, task.task_id)
        look = FirstLook()
        with closing(Owner(apart / "foreground" / "owners")) as owner:
            turns = Turns(machine=machine(), per_repository=1000, only=(task.task_id,))
            queue = Queue(database, apart / "foreground" / "owners", turns)
            queue.recover()
            Worker(database, queue, owner, look).run_next(RepairStory(apart), look.stop)
        after = saved_by(database, task.task_id)
    assert before is not None and after is not None
    assert look.candidates[0] >= before.evaluated > 0
    # Stopped without being cancelled, it saved once more and is not over.
    assert after.reached.cursors[0] >= before.reached.cursors[0]
    assert not after.over
