"""Purging shows what is on disk and frees it, but nothing that a running task needs."""

import json
import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import main
from agent.protocol.event import TaskFinished, TaskSubmitted
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.event_log import EventLog

MIB = 1024 * 1024
LONG_AGO = time.time() - 40 * 24 * 3600


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state directory of its own, and no engine: its images belong to everybody on this machine."""
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    return tmp_path / "state"


def _task(state: Path, *, finished: bool) -> Path:
    log = EventLog.create(state)
    log.append("submit", TaskSubmitted(spec=TaskSpec(kind=TaskKind.FIX, repository="/r")))
    if finished:
        log.append("finish", TaskFinished(outcome=Outcome.VERIFIED, reason="proven"))
    return log.directory


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
    environment, task = _folder(state, "environments", "r1/k1"), _task(state, finished=True)
    result = _purge("--json")
    shown = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {(item["kind"], item["name"]) for item in shown["items"]} == {
        ("environments", "r1/k1"),
        ("tasks", task.name),
    }
    assert shown["bytes"] >= MIB
    assert shown["freed_bytes"] == 0
    assert environment.is_dir() and task.is_dir()


def test_yes_frees_everything(state: Path) -> None:
    for kind, name in (("environments", "r1/k1"), ("roots", "k1"), ("repositories", "r1"), ("wheels", "w")):
        _folder(state, kind, name)
    _task(state, finished=True)
    result = _purge("--yes", "--json")
    assert all(item["freed"] for item in json.loads(result.stdout)["items"])
    assert json.loads(_purge("--json").stdout)["bytes"] < MIB


def test_only_what_was_not_used_for_so_long_is_freed(state: Path) -> None:
    old, new = _folder(state, "environments", "r1/old"), _folder(state, "environments", "r1/new")
    _age(old)
    _purge("--older-than", "30d")
    assert (old.exists(), new.exists()) == (False, True)


def test_an_open_task_keeps_itself_and_all_that_it_may_use(state: Path) -> None:
    running, done = _task(state, finished=False), _task(state, finished=True)
    environment = _folder(state, "environments", "r1/k1")
    result = _purge("--yes")
    assert running.exists() and environment.exists() and not done.exists()
    assert f"kept: task {running.name} is open" in result.stdout


def test_a_task_that_nobody_went_on_with_for_a_week_is_not_open(state: Path) -> None:
    abandoned, environment = _task(state, finished=False), _folder(state, "environments", "r1/k1")
    _age(abandoned)
    _purge("--yes")
    assert not abandoned.exists() and not environment.exists()


def test_a_log_that_cannot_be_read_counts_as_open(state: Path) -> None:
    task = _task(state, finished=False)
    with (task / "events.jsonl").open("a") as file:
        file.write("no event\n")
    _purge("--yes")
    assert task.exists()


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
