"""A delivery that is killed at any moment is made once, and touches nothing that is the user's."""

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from tests.repo.project import Project
from tests.tasks.deliveries import Deliverer, deliverer, prepare

BEFORE = {"a.py": "one\ntwo\nthree\n", "b.py": "x = 1\n", "mine.txt": "draft\n"}


@pytest.fixture(scope="module")
def forks() -> Iterator[Deliverer]:
    with deliverer() as process:
        yield process


class Case:
    """A repository with uncommitted work of the user's, and a task that is ready to deliver."""

    def __init__(self, folder: Path, **spec: object) -> None:
        self.state = folder / "state"
        self.project = Project(folder / "repo", self.state).init()
        for path, text in BEFORE.items():
            self.project.write(path, text)
        self.project.commit()
        self.project.write("mine.txt", "draft, and more\n")
        self.task_id = prepare(self.project.root, self.state, **spec)
        self.branch = str(spec.get("branch", f"ratchet/{self.task_id}"))

    def state_of_task(self) -> TaskState:
        with closing(Database.open(self.state)) as database:
            return TaskStore(database).state(self.task_id)

    def commits(self) -> list[str]:
        """Return every commit that the user's repository holds, reachable or not, but the user's own."""
        shown = self.project.git(
            "cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"
        )
        found = [line.split()[0] for line in shown.splitlines() if line.endswith("commit")]
        return [one for one in found if one != self.project.git("rev-parse", "main")]

    def check_delivered_once(self) -> None:
        state = self.state_of_task()
        assert state.finished is not None and state.finished.outcome is Outcome.VERIFIED, state.finished
        assert state.delivered is not None and state.delivered.applied
        assert self.project.git("branch", "--list", "ratchet/*", "--format=%(refname:short)") == self.branch
        assert self.project.git("rev-parse", self.branch) == state.delivered.commit
        # The user's uncommitted work is a commit of its own below the fix; each was made once.
        assert sorted(self.commits()) == sorted(
            self.project.git("rev-list", self.branch, "--not", "main").splitlines()
        )
        assert len(self.commits()) == 2
        assert self.files() == {
            "a.py": "one\nTWO\nthree\n",
            "b.py": "y = 1\n",
            "mine.txt": "draft, and more\n",
        }
        assert [entry.name for entry in self.journal()] == ["000001.json"]
        assert self.project.git("symbolic-ref", "--short", "HEAD") == "main"
        assert not list(self.project.root.glob("**/.ratchet-*"))

    def files(self) -> dict[str, str]:
        return {path: (self.project.root / path).read_text() for path in BEFORE}

    def journal(self) -> list[Path]:
        return sorted(self.state.glob("repositories/*/applied/*"))


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory, forks: Deliverer) -> int:
    """What a whole delivery counts."""
    case = Case(tmp_path_factory.mktemp("whole"))
    counted = forks.ask(case.state)["calls"]
    case.check_delivered_once()
    return counted


def killed_and_resumed(folder: Path, forks: Deliverer, at: int, **spec: object) -> None:
    case = Case(folder, **spec)
    ended = forks.ask(case.state, at)
    assert ended["killed"]
    forks.ask(case.state)
    case.check_delivered_once()


def spread(calls: int, points: int) -> list[int]:
    """Return so many moments, evenly spread."""
    return sorted({1 + index * (calls - 1) // (points - 1) for index in range(points)})


def test_a_delivery_that_is_killed_anywhere_is_made_once(
    tmp_path: Path, forks: Deliverer, calls: int
) -> None:
    for at in spread(calls, 6):
        killed_and_resumed(tmp_path / str(at), forks, at)


@pytest.mark.long
def test_a_delivery_that_is_killed_at_every_fifth_call_is_made_once(
    tmp_path: Path, forks: Deliverer, calls: int
) -> None:
    moments = range(1, calls + 1, 5)
    for at in moments:
        killed_and_resumed(tmp_path / str(at), forks, at)
    print(f"{len(moments)} of {calls} calls: delivered once each")


@pytest.mark.long
def test_the_delivery_of_a_patch_that_was_handed_in_is_made_once_wherever_it_is_killed(
    tmp_path: Path, forks: Deliverer
) -> None:
    given = {"kind": TaskKind.VERIFY, "patch": "as it was given", "branch": "ratchet/given"}
    whole = Case(tmp_path / "whole", **given)
    counted = forks.ask(whole.state)["calls"]
    whole.check_delivered_once()
    for at in spread(counted, 15):
        killed_and_resumed(tmp_path / str(at), forks, at, **given)


def test_a_delivery_that_is_killed_again_and_again_is_made_once(tmp_path: Path, forks: Deliverer) -> None:
    case = Case(tmp_path)
    for at in (30, 60, 90):
        forks.ask(case.state, at)
    forks.ask(case.state)
    case.check_delivered_once()


def stopped_and_overtaken(folder: Path, forks: Deliverer, at: int) -> None:
    """Stop an owner, let another one finish its task, and let the first go on."""
    case = Case(folder)
    stale = forks.ask(case.state, at, stop=True)
    if not stale["stopped"]:
        case.check_delivered_once()
        return
    with closing(sqlite3.connect(case.state / "ratchet.db")) as database, database:
        # What the others do when an owner gives no sign of life.
        database.execute("UPDATE tasks SET token = NULL, owner = NULL")
    try:
        with deliverer() as other:
            _overtake(case, other, stale["pid"])
    finally:
        os.kill(stale["pid"], signal.SIGCONT)
    _wait_for_end(stale["pid"])
    case.check_delivered_once()


def _overtake(case: Case, other: Deliverer, stale: int) -> None:
    assert other.process.stdin is not None and other.process.stdout is not None
    other.process.stdin.write(f'{{"state": "{case.state}", "at": null, "stop": false}}\n')
    other.process.stdin.flush()
    ended = time.monotonic() + 5
    while case.state_of_task().finished is None and time.monotonic() < ended:
        time.sleep(0.1)
    # An owner that was stopped in the middle of writing is waited for, since it cannot be undone safely.
    os.kill(stale, signal.SIGCONT)
    other.process.stdout.readline()


def _wait_for_end(pid: int) -> None:
    while (Path("/proc") / str(pid) / "stat").exists():
        if (Path("/proc") / str(pid) / "stat").read_text().split()[2] == "Z":
            return
        time.sleep(0.05)


def test_an_owner_that_was_stopped_and_overtaken_has_no_effect(
    tmp_path: Path, forks: Deliverer, calls: int
) -> None:
    for at in spread(calls, 4)[1:3]:
        stopped_and_overtaken(tmp_path / str(at), forks, at)


@pytest.mark.long
def test_an_owner_that_was_stopped_at_many_moments_and_overtaken_has_no_effect(
    tmp_path: Path, forks: Deliverer, calls: int
) -> None:
    for at in range(1, calls, 25):
        stopped_and_overtaken(tmp_path / str(at), forks, at)


def test_the_users_work_since_a_killed_delivery_is_kept(tmp_path: Path, forks: Deliverer, calls: int) -> None:
    for at in spread(calls, 4)[1:3]:
        # Whether the merged files still pass cannot be found out without a sandbox.
        case = Case(tmp_path / str(at), sandbox="none")
        forks.ask(case.state, at)
        case.project.write("mine.txt", "quite another draft\n")
        case.project.write("new.txt", "and a new file\n")
        case.project.git("branch", "of-mine")
        forks.ask(case.state)
        assert (case.project.root / "mine.txt").read_text() == "quite another draft\n"
        assert (case.project.root / "new.txt").read_text() == "and a new file\n"
        assert case.project.git("rev-parse", "of-mine") == case.project.git("rev-parse", "main")
        delivered = case.state_of_task().delivered
        assert delivered is not None and (delivered.applied or delivered.refused)
        changed = {"a.py": "one\nTWO\nthree\n", "b.py": "y = 1\n"} if delivered.applied else {}
        assert case.files() == {**BEFORE, **changed, "mine.txt": "quite another draft\n"}


def test_a_branch_of_the_users_with_the_wanted_name_is_left_alone(tmp_path: Path, forks: Deliverer) -> None:
    case = Case(tmp_path, branch="fix/mine")
    case.project.git("branch", "fix/mine")
    forks.ask(case.state)
    state = case.state_of_task()
    assert state.finished is not None and state.finished.outcome is Outcome.UNVERIFIED
    assert "fix/mine" in state.finished.reason
    assert case.project.git("rev-parse", "fix/mine") == case.project.git("rev-parse", "main")
    assert case.files() == {**BEFORE, "mine.txt": "draft, and more\n"}


def test_a_branch_that_the_user_went_on_with_is_known_again(tmp_path: Path, forks: Deliverer) -> None:
    case = Case(tmp_path)
    forks.ask(case.state)
    delivered = case.project.git("rev-parse", case.branch)
    forget_delivery(case.state)
    further = case.project.git("commit-tree", "-p", case.branch, "-m", "More", f"{case.branch}^{{tree}}")
    case.project.git("update-ref", f"refs/heads/{case.branch}", further)
    forks.ask(case.state)
    state = case.state_of_task()
    assert state.delivered is not None and state.delivered.commit == delivered
    assert case.project.git("rev-parse", case.branch) == further


def forget_delivery(state: Path) -> None:
    """Bring the database back to where nothing was delivered yet."""
    with closing(sqlite3.connect(state / "ratchet.db")) as database, database:
        database.execute("DELETE FROM effects")
        database.execute("DELETE FROM events WHERE type IN ('PatchDelivered', 'TaskFinished')")
        database.execute("DELETE FROM tasks")
