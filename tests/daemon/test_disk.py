"""What is kept on disk, and what goes when it is old or too much."""

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from agent.daemon.disk import FOLDERS, Item, free, outdated, survey
from agent.daemon.tidy import free_disk
from agent.engine.database import Database
from agent.engine.schema import PUBLICATIONS
from agent.engine.store import TaskStore
from agent.protocol.event import TaskFinished
from agent.protocol.forge import Trigger
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind, TaskSpec

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


def _from_forge(state: Path, *, shown: bool) -> None:
    """Record a finished task of acme/shop, and the mirrors that it and others have."""
    for name in ("acme/shop", "acme/shop+7", "zoe/till"):
        root = state / "mirrors" / "github" / name
        (root / ".git").mkdir(parents=True)
        (root.parent / f"{root.name}.lock").touch()
        known = state / "repositories" / name.replace("/", "-")
        known.mkdir(parents=True)
        (known / "root").write_text(f"{root}\n")
    trigger = Trigger(happened="comment", verb="help", repository="Acme/Shop", number=7, actor="ann")
    spec = TaskSpec(kind=TaskKind.REPLY, repository="github:Acme/Shop", trigger=trigger)
    with closing(Database.open(state)) as database:
        store = TaskStore(database)
        store.append(
            store.create(spec).task_id, "finish", TaskFinished(outcome=Outcome.DONE, reason="answered")
        )
        if shown:
            with database.write() as connection:
                connection.execute(update(PUBLICATIONS).values(shown=PUBLICATIONS.c.wanted))


@pytest.mark.parametrize("shown", [False, True])
def test_what_a_forge_still_has_to_be_shown_keeps_its_mirrors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: bool
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    _from_forge(tmp_path, shown=shown)
    items = survey(tmp_path, NOW + 10**9)
    names = {kind: {i.name for i in items if i.kind == kind and not i.kept} for kind in FOLDERS}
    ours = {"github/acme/shop", "github/acme/shop+7"} if shown else set()
    assert names["mirrors"] == {"github/zoe/till"} | ours
    assert names["repositories"] == {"zoe-till"} | ({"acme-shop", "acme-shop+7"} if shown else set())
    free(next(item for item in items if item.name == "github/zoe/till"), tmp_path)
    assert not (tmp_path / "mirrors" / "github" / "zoe" / "till").exists()
