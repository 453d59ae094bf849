"""`ratchet tasks prune` forgets finished tasks only."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli.main import main
from agent.engine.catalog import Catalog
from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.event import TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind, TaskSpec


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.delenv("RATCHET_DATABASE_URL", raising=False)
    opened = Database.open(tmp_path)
    yield opened
    opened.close()


def make(database: Database, *, finished: bool) -> str:
    store = TaskStore(database)
    task_id = store.create(TaskSpec(kind=TaskKind.FIX, repository="/home/ada/project")).task_id
    if finished:
        store.append(task_id, "finish", TaskFinished(outcome=Outcome.NO_PATCH, reason="none found"))
    return task_id


def left(database: Database) -> list[str]:
    return [task.task_id for task in Catalog(database).page().tasks]


def test_only_what_ended_long_enough_ago_is_forgotten(database: Database) -> None:
    ended, waiting = make(database, finished=True), make(database, finished=False)
    result = CliRunner().invoke(main, ["tasks", "prune"])
    assert (result.exit_code, result.stdout) == (0, "forgot 0 finished tasks\n")
    assert left(database) == [waiting, ended]

    pruned = CliRunner().invoke(main, ["tasks", "prune", "--yes", "--json"])
    assert json.loads(pruned.stdout)["tasks"] == [ended]
    assert left(database) == [waiting]


def test_an_age_is_a_number_and_a_unit(database: Database) -> None:
    assert CliRunner().invoke(main, ["tasks", "prune", "--older-than", "soon"]).exit_code == 2
    assert CliRunner().invoke(main, ["tasks", "prune", "--older-than", "8w"]).exit_code == 0
