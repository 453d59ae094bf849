"""What is kept on disk, and what goes when it is old or too much."""

from pathlib import Path

import pytest

from agent.daemon.disk import Item, outdated
from agent.daemon.tidy import free_disk

DAY = 24 * 3600
NOW = 100 * DAY


def _item(name: str, *, age: float, size: int = 10, kept: str = "") -> Item:
    return Item("environments", name, Path(name), size, int(NOW - age * DAY), kept)


def _names(items: list[Item], *, days: float = 30, size: int | None = None) -> list[str]:
    return [item.name for item in outdated(items, days=days, size=size, now=NOW)]


def test_what_was_not_used_for_so_many_days_goes() -> None:
    assert _names([_item("old", age=31), _item("new", age=29)]) == ["old"]


def test_the_least_recently_used_goes_until_the_rest_fits() -> None:
    items = [_item("b", age=2), _item("a", age=3), _item("c", age=1)]
    assert _names(items, size=20) == ["a"]
    assert _names(items, size=19) == ["a", "b"]
    assert _names(items, size=30) == []


def test_what_a_task_needs_stays_however_old_and_large() -> None:
    items = [_item("needed", age=90, size=1000, kept="task t1 is open"), _item("other", age=1)]
    assert _names(items, size=1) == ["other"]


def test_the_user_s_file_says_what_the_daemon_frees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "config.toml"))
    environment, log = tmp_path / "state/environments/r1/k1", tmp_path / "state/logs/daemon.log"
    for file in (environment / "data", log, log.with_name("daemon.log.1")):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * 3 * 1024 * 1024)
    assert free_disk(tmp_path / "state") == []
    (tmp_path / "config.toml").write_text("[retention]\nsize_mib = 1\n")
    assert sorted(free_disk(tmp_path / "state")) == ["environments/r1/k1", "logs/daemon.log.1"]
    assert log.exists() and not environment.exists()
