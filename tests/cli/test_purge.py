"""Purging shows what is on disk and frees it, but nothing that a running task needs."""

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import main
from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.event import TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind, TaskSpec

MIB = 1024 * 1024
LONG_AGO = time.time() - 40 * 24 * 3600


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of its own, and no engine: its images belong to everybody on this machine."""
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    return tmp_path / "state"


def _task(state: Path, *, finished: bool, folder: str = "foreground") -> str:
    with closing(Database.open(state / folder)) as database:
        store = TaskStore(database)
        task_id = store.create(TaskSpec(kind=TaskKind.FIX, repository="/r")).task_id
        if finished:
            store.append(task_id, "finish", TaskFinished(outcome=Outcome.VERIFIED, reason="proven"))
    return task_id


def _folder(state: Path, kind: str, name: str, size: int = MIB) -> Path:
    folder = state / kind / name
    folder.mkdir(parents=True)
    (folder / "data").write_bytes(os.urandom(size))
    return folder


def _age(folder: Path) -> None:
    for path in (*folder.iterdir(), folder):
        os.utime(path, (LONG_AGO, LONG_AGO))


def _purge(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["purge", *arguments], catch_exceptions=False)


def test_showing_frees_nothing(state: Path) -> None:
    environment = _folder(state, "environments", "r1/k1")
    _task(state, finished=True)
    result = _purge("--json")
    shown = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {(item["kind"], item["name"]) for item in shown["items"]} == {
        ("environments", "r1/k1"),
        ("tasks", "foreground"),
    }
    assert shown["bytes"] >= MIB
    assert shown["freed_bytes"] == 0
    assert environment.is_dir()


def test_yes_frees_everything_but_the_tasks(state: Path) -> None:
    for kind, name in (("environments", "r1/k1"), ("roots", "k1"), ("repositories", "r1"), ("wheels", "w")):
        _folder(state, kind, name)
    _task(state, finished=True)
    result = _purge("--yes", "--json")
    kept = [item for item in json.loads(result.stdout)["items"] if not item["freed"]]
    assert [(item["kind"], item["name"]) for item in kept] == [("tasks", "foreground")]
    assert "ratchet tasks prune" in kept[0]["kept"]
    assert json.loads(_purge("--json").stdout)["bytes"] < MIB


def test_only_what_was_not_used_for_so_long_is_freed(state: Path) -> None:
    old, new = _folder(state, "environments", "r1/old"), _folder(state, "environments", "r1/new")
    _age(old)
    _purge("--older-than", "30d")
    assert (old.exists(), new.exists()) == (False, True)


@pytest.mark.parametrize("folder", ["foreground", "."])
def test_an_open_task_keeps_all_that_it_may_use(state: Path, folder: str) -> None:
    running, _ = _task(state, finished=False, folder=folder), _task(state, finished=True, folder=folder)
    environment, root = _folder(state, "environments", "r1/k1"), _folder(state, "roots", "k1")
    (_folder(state, "repositories", "r1") / "root").write_text("/r\n")
    result = _purge("--yes")
    assert environment.exists() and root.exists()
    assert f"kept: task {running} is open" in result.stdout


def test_what_no_open_task_can_need_is_freed_while_one_is_open(state: Path) -> None:
    _task(state, finished=False)
    (_folder(state, "repositories", "r1") / "root").write_text("/r\n")
    elsewhere, unused = _folder(state, "environments", "r2/k1"), _folder(state, "roots", "k2")
    _age(unused)
    _purge("--yes")
    assert not elsewhere.exists() and not unused.exists()
    assert (state / "repositories" / "r1").exists()


def test_a_task_that_nobody_went_on_with_for_a_week_is_not_open(state: Path) -> None:
    _task(state, finished=False)
    environment = _folder(state, "environments", "r1/k1")
    with closing(sqlite3.connect(state / "foreground" / "ratchet.db")) as database, database:
        database.execute("UPDATE tasks SET updated_at = ?", (int(LONG_AGO),))
    _purge("--yes")
    assert not environment.exists()


def test_tasks_that_cannot_be_read_keep_everything(state: Path) -> None:
    environment = _folder(state, "environments", "r1/k1")
    _folder(state, "foreground", "elsewhere")
    (state / "foreground" / "ratchet.db").write_bytes(b"no database" * 1000)
    result = _purge("--yes")
    assert environment.exists()
    assert "cannot be read" in result.stdout


def test_a_dry_run_says_what_it_would_free_and_frees_nothing(state: Path) -> None:
    environment = _folder(state, "environments", "r1/k1")
    freed = json.loads(_purge("--yes", "--dry-run", "--json").stdout)["freed_bytes"]
    assert freed >= MIB and environment.exists()
    assert "would be freed" in _purge("--yes", "--dry-run").stdout


def test_a_read_only_environment_is_freed_too(state: Path) -> None:
    environment = _folder(state, "environments", "r1/k1")
    (environment / "inner").mkdir()
    (environment / "inner" / "file").touch()
    (environment / "inner").chmod(0o500)
    environment.chmod(0o500)
    _purge("--yes")
    assert not environment.exists()


def test_a_link_is_removed_and_what_it_points_to_is_kept(state: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    (_folder(state, "environments", "r1/k1") / "link").symlink_to(precious)
    (state / "environments" / "r1" / "linked").symlink_to(precious)
    _purge("--yes")
    assert (precious / "file").exists()
    assert not (state / "environments" / "r1" / "linked").is_symlink()


def test_a_file_with_two_names_takes_its_room_once(state: Path) -> None:
    folder = _folder(state, "environments", "r1/k1", 4 * MIB)
    (folder / "twin").hardlink_to(folder / "data")
    assert 4 * MIB <= json.loads(_purge("--json").stdout)["bytes"] < 5 * MIB


def test_a_lock_is_neither_shown_nor_removed(state: Path) -> None:
    _folder(state, "environments", "r1/k1")
    locks = [state / "environments" / "r1" / ".k1.lock", state / "docker-import.lock"]
    for lock in locks:
        lock.touch()
    assert len(json.loads(_purge("--yes", "--json").stdout)["items"]) == 1
    assert all(lock.exists() for lock in locks)


def test_a_machine_that_never_ran_ratchet_has_nothing_to_free(state: Path) -> None:
    assert json.loads(_purge("--json").stdout)["items"] == []
    assert not state.exists()


@pytest.mark.parametrize("age", ["30", "d", "-1d", "30 days", "1y"])
def test_an_age_that_says_nothing_is_a_usage_error(state: Path, age: str) -> None:
    assert _purge("--older-than", age).exit_code == 2
