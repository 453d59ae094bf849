"""A pruning that is killed forgets tasks as a whole or not at all, and never an open one."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.engine import blobs
from agent.engine.schema import BLOBS, EFFECTS, EVENTS, REQUESTS, TASKS
from agent.protocol.policy import Decision, Rule, Subject
from agent.protocol.summary import Status
from tests.kill.repositories import UserRepository
from tests.kill.stage import Stage
from tests.kill.triggers import after

POINTS = (
    after("agent.engine.store:forget"),
    after("agent.engine.retention:_next_batch"),
    after("agent.engine.blobs:collect"),
    after("agent.engine.retention:prune"),
)
ASKING = Rule(subject=Subject.TOOL, pattern="*", decision=Decision.ASK)


@pytest.mark.long
def test_a_killed_pruning_is_finished_by_the_next_one(stage: Stage, tmp_path: Path) -> None:
    repository = UserRepository(tmp_path / "repository", {"test_good.py": "def test_good():\n    pass\n"})
    old = [stage.submit(repository.path) for _ in range(2)]
    stage.follow(*old)
    kept = stage.submit(repository.path, policy=(ASKING,), attended=True)
    while stage.ask(lambda client: client.task(kept)).summary.status is not Status.WAITING:
        pass
    stage.stop()
    stage.armed.add(*POINTS)

    for _ in POINTS:
        assert _prune(stage) == -signal.SIGKILL
        with stage.store() as store, store.database.read() as connection:
            counted = [Counter(connection.scalars(select(t.c.task_id))) for t in (EVENTS, TASKS, REQUESTS)]
        assert len({frozenset(each) for each in counted}) == 1
        assert kept in counted[0]
    assert _prune(stage) == 0

    with stage.store() as store:
        assert store.events(kept)[0].step_key == "submit"
        with store.database.write() as connection:
            assert set(connection.scalars(select(EVENTS.c.task_id))) == {kept}
            assert connection.scalars(select(EFFECTS.c.key)).all() == []
            assert blobs.collect(connection) == 0
            assert connection.scalars(select(BLOBS.c.hash)).all() == []
    print(*(f"killed {each}" for each in stage.armed.fired()), sep="\n")
    assert not stage.armed.left()


def _prune(stage: Stage) -> int:
    """Run the command in a process group of its own and return its exit status."""
    command = [sys.executable, "-m", "agent", "tasks", "prune", "--yes"]
    environ = {**os.environ, **stage.environ}
    return subprocess.run(command, env=environ, start_new_session=True, check=False).returncode
