"""What a killed git leaves behind stops nobody."""

import threading
from pathlib import Path

import pytest

from agent.protocol.edit import Splice
from agent.repo import stale_locks
from agent.repo.branch import deliver
from agent.repo.stale_locks import outlast
from tests.repo.project import Project


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stale_locks, "PATIENCE", 0.3)


@pytest.mark.parametrize(
    "name", ["refs/source/head.lock", "refs/tags/v1.lock", "packed-refs.lock", "shallow.lock"]
)
def test_a_lock_in_our_repository_is_outlasted(project: Project, name: str) -> None:
    store = project.store()
    store.snapshot()
    lock = store.objects.ours.git_dir / name
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.touch()
    project.write("a.py", "zero\n")
    project.commit()
    project.git("tag", "v1")
    assert store.snapshot().head == project.git("rev-parse", "HEAD")
    assert not lock.exists()


def test_the_lock_of_a_delivery_that_was_killed_is_outlasted(project: Project) -> None:
    store = project.store()
    base = store.snapshot()
    edit = Splice(path="a.py", start=4, old=b"two", new=b"TWO")
    patch = store.diff(base.tree, store.apply(base.tree, [edit]))
    lock = project.root / ".git/refs/heads/ratchet/t1.lock"
    lock.parent.mkdir()
    lock.touch()
    commit = deliver(store, base, patch, branch="ratchet/t1", message="Fix", task_id="t1")
    assert project.git("rev-parse", "ratchet/t1") == commit
    assert not lock.exists()


def test_a_lock_that_is_let_go_or_taken_anew_is_not_removed(tmp_path: Path) -> None:
    lock = tmp_path / "head.lock"
    lock.write_text("first")

    def another() -> None:
        lock.unlink()
        lock.write_text("second owner")

    timer = threading.Timer(0.05, another)
    timer.start()
    outlast([lock, tmp_path / "none.lock"])
    timer.join()
    assert lock.read_text() == "second owner"


def test_where_nothing_is_locked_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stale_locks, "PATIENCE", 1000.0)
    outlast([tmp_path / "none.lock"])
