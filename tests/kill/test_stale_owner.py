"""An owner that died elsewhere is missed in time, and one that was only stopped does nothing any more."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.engine.schema import EFFECTS, EVENTS, TASKS
from tests.kill.chains import STOPS
from tests.kill.checks import faults
from tests.kill.conftest import MakeStage
from tests.kill.repositories import UserRepository
from tests.kill.stage import PATIENCE, Stage
from tests.kill.triggers import Trigger

ORPHANED = 40.0
"""Seconds after which a task of a dead machine is worked on again, at the latest."""


@pytest.mark.long
def test_the_task_of_a_dead_machine_goes_on_elsewhere_in_time(
    make_stage: MakeStage, postgres_url: str, tmp_path: Path
) -> None:
    repository = UserRepository(tmp_path / "repository", dirty=True)
    here = make_stage(postgres_url, name="here")
    trigger = Trigger("agent.planners.search.evaluation:Evaluator.__exit__", action="stop")
    here.armed.add(trigger)
    task_id = here.submit(repository.path)
    _wait(here.armed.fired)
    there = make_stage(postgres_url, name="there")
    there.start()
    token = _token(there, task_id)
    here.kill()
    os.killpg(here.armed.process(trigger), signal.SIGKILL)
    died = time.monotonic()
    _wait(lambda: _token(there, task_id) not in (token, None))
    seconds = time.monotonic() - died
    print(f"\nanother owner after {seconds:.1f} s")
    there.tasks, there.heard = [task_id], {task_id: []}
    there.follow(task_id)
    assert faults(there, [repository]) == []
    assert seconds <= ORPHANED


@pytest.mark.long
@pytest.mark.parametrize("trigger", STOPS, ids=str)
def test_a_worker_that_is_stopped_while_another_takes_over_has_no_effect(
    stage: Stage, tmp_path: Path, trigger: Trigger
) -> None:
    repository = UserRepository(tmp_path / "repository")
    stage.armed.add(trigger)
    task_id = stage.submit(repository.path, apply=True)
    _wait(stage.armed.fired)
    stale = stage.armed.process(trigger)
    stage.follow(task_id)
    before_it_goes_on = _everything(stage, repository)
    os.kill(stale, signal.SIGCONT)
    # With drain, the daemon ends once every worker has said its last word.
    stage.drain()
    assert _everything(stage, repository) == before_it_goes_on
    stage.start()
    assert faults(stage, [repository]) == []


def _everything(stage: Stage, repository: UserRepository) -> object:
    with stage.store() as store, store.database.read() as connection:
        rows = [connection.execute(select(table)).all() for table in (EVENTS, EFFECTS)]
    return rows, repository.look()


def _token(stage: Stage, task_id: str) -> str | None:
    with stage.store() as store, store.database.read() as connection:
        token: str | None = connection.scalar(select(TASKS.c.token).where(TASKS.c.task_id == task_id))
    return token


def _wait(holds: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)
