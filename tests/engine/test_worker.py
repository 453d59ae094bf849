"""Processes that work on tasks: what they do when people, defects and kills come in between."""

import os
import signal
import threading

import pytest
from sqlalchemy import text

from agent.engine.schema import ENGINE_TABLES, METADATA, TASKS
from agent.engine.worker import MAX_TRIES, Worker
from agent.protocol.outcome import Outcome
from agent.protocol.summary import Status
from tests.engine.rig import Deaf, Rig
from tests.engine.stories import Proposals, wait_until


def _in_step(rig: Rig, task: str, step: str = "propose:1", times: int = 1) -> None:
    """Wait until a step was begun so many times."""
    wait_until(lambda: rig.times_run(task, step) >= times)


def test_a_task_runs_each_of_its_steps_once_and_is_closed(rig: Rig) -> None:
    task = rig.submit(steps=3)
    assert rig.run_all() == 1
    assert rig.steps(task) == ["submit", "propose:1", "propose:2", "propose:3", "finish"]
    assert [line.split()[1] for line in rig.run()] == [*rig.steps(task)[1:], "closed"]


def test_a_task_that_waits_is_given_back_and_goes_on_when_it_is_answered(rig: Rig) -> None:
    task = rig.submit("ask")
    assert (rig.run_all(), rig.run_all()) == (1, 0)
    assert rig.catalog.summary(task).status is Status.WAITING


def test_a_task_of_higher_priority_goes_first_at_the_next_step(rig: Rig) -> None:
    gate = rig.folder / "gate"
    slow = rig.submit(f"gate={gate}", steps=2, priority=100)
    rig.start()
    _in_step(rig, slow)
    urgent = rig.submit(priority=1)
    gate.touch()
    rig.wait_for(slow, urgent)
    order = [line.split()[0] for line in rig.run() if " finish " in line]
    assert order == [urgent, slow]
    assert rig.times_run(slow, "propose:1") == 1


def test_a_task_of_a_killed_process_goes_on_with_the_step_it_was_in(rig: Rig) -> None:
    task = rig.submit(f"die-once={rig.folder}/died", steps=2)
    first = rig.start()
    wait_until(lambda: not first.is_alive())
    rig.start()
    rig.wait_for(task)
    assert rig.steps(task) == ["submit", "propose:1", "propose:2", "finish"]
    assert [rig.times_run(task, step) for step in ("propose:1", "propose:2", "finish")] == [2, 1, 1]


def test_a_task_whose_processes_keep_dying_is_given_up(rig: Rig) -> None:
    task = rig.submit("die")
    other = rig.submit(priority=500)
    for _ in range(MAX_TRIES):
        process = rig.start()
        wait_until(lambda: not process.is_alive())  # noqa: B023
    rig.start()
    rig.wait_for(task, other)
    summary = rig.catalog.summary(task)
    assert (summary.outcome, rig.times_run(task, "propose:1")) == (Outcome.ERROR, MAX_TRIES)
    assert f"died {MAX_TRIES} times" in summary.reason
    assert rig.catalog.summary(other).outcome is Outcome.NO_PATCH


def test_a_task_that_saves_checkpoints_is_not_given_up(rig: Rig) -> None:
    task = rig.submit(f"checkpoint die-once={rig.folder}/died")
    with rig.database.write() as connection:
        connection.execute(TASKS.update().values(tries=MAX_TRIES - 1))
    process = rig.start()
    wait_until(lambda: not process.is_alive())
    rig.start()
    rig.wait_for(task)
    assert rig.catalog.summary(task).outcome is Outcome.NO_PATCH


@pytest.mark.parametrize("command", ["nothing", "none"])
def test_a_story_that_gets_nowhere_ends_in_an_error_instead_of_a_circle(rig: Rig, command: str) -> None:
    task = rig.submit(command)
    assert rig.run_all() <= MAX_TRIES + 1
    assert rig.catalog.summary(task).outcome is Outcome.ERROR


def test_a_defect_of_a_story_counts_as_a_death(rig: Rig) -> None:
    task = rig.submit("raise")
    for _ in range(MAX_TRIES):
        with pytest.raises(RuntimeError, match="defect"):
            rig.run_all()
    assert rig.run_all() == 1
    assert rig.catalog.summary(task).outcome is Outcome.ERROR


def test_a_running_task_is_cancelled_within_a_moment(rig: Rig) -> None:
    task = rig.submit("wait=60")
    rig.start()
    _in_step(rig, task)
    rig.control.cancel(task, by="t")
    rig.wait_for(task)
    assert rig.catalog.summary(task).outcome is Outcome.INTERRUPTED
    wait_until(lambda: rig.run()[-1].startswith(f"{task} closed"))


def test_a_running_task_is_paused_and_resumed(rig: Rig) -> None:
    gate = rig.folder / "gate"
    task = rig.submit(f"gate={gate}")
    rig.start()
    _in_step(rig, task)
    rig.control.pause(task, by="t")
    wait_until(lambda: any(line.startswith(f"{task} closed") for line in rig.run()))
    assert rig.catalog.summary(task).status is Status.PAUSED
    gate.touch()
    rig.control.resume(task, by="t")
    rig.wait_for(task)
    assert rig.catalog.summary(task).outcome is Outcome.NO_PATCH


def test_a_process_that_is_asked_to_end_gives_its_task_back_at_once(rig: Rig) -> None:
    task = rig.submit("wait=60")
    process = rig.start()
    _in_step(rig, task)
    process.terminate()
    process.join()
    assert process.exitcode == 0
    assert rig.catalog.summary(task).status is Status.QUEUED
    with rig.database.read() as connection:
        assert connection.execute(TASKS.select()).one().tries == 0
    assert not list(rig.owners.iterdir())


@pytest.mark.parametrize("drop", [False, True], ids=["emptied", "dropped"])
def test_nothing_is_lost_or_done_twice_when_the_engines_tables_go(rig: Rig, drop: bool) -> None:
    gate, effects = rig.folder / "gate", rig.folder / "effects"
    running = rig.submit(f"effect={effects} gate={gate}", steps=2)
    waiting = [rig.submit(f"effect={effects}", repository=f"/{n}", priority=200 + n) for n in range(3)]
    asked = rig.submit("ask", priority=0)
    rig.run_all(only=[asked])
    rig.start()
    _in_step(rig, running)
    wait_until(effects.exists)
    with rig.database.write() as connection:
        if drop:
            METADATA.drop_all(connection, tables=list(ENGINE_TABLES))
        else:
            for table in ENGINE_TABLES:
                connection.execute(table.delete())
    gate.touch()
    rig.wait_for(running, *waiting)
    lines = effects.read_text().splitlines()
    expected = [f"{running} propose:1", f"{running} propose:2", *(f"{task} propose:1" for task in waiting)]
    assert sorted(lines) == sorted(expected)
    assert rig.steps(running) == ["submit", "propose:1", "propose:2", "finish"]
    assert rig.catalog.summary(asked).status is Status.WAITING


def test_two_processes_share_the_tasks_and_run_no_step_twice(rig: Rig) -> None:
    tasks = [rig.submit(steps=2, repository=f"/{n % 4}") for n in range(16)]
    rig.start()
    rig.start()
    rig.wait_for(*tasks)
    for task in tasks:
        assert [rig.times_run(task, step) for step in ("propose:1", "propose:2", "finish")] == [1, 1, 1]
    assert len({line.split()[2] for line in rig.run()}) == 2


def test_tasks_of_an_older_version_finish_under_this_one(rig: Rig) -> None:
    # 200 tasks at various steps, with an event that this version does not know in between.
    tasks = [rig.submit(steps=2, repository=f"/{n % 9}") for n in range(200)]
    old = "INSERT INTO events SELECT task_id, 2, 'old', 'GoneEvent', 0, 0.5, '{body}', NULL FROM events"
    body = '{"type": "GoneEvent", "note": [1]}'
    with rig.database.write() as connection:
        connection.exec_driver_sql(old.format(body=body))
        connection.execute(text("UPDATE tasks SET seq = 2"))
        connection.execute(text("UPDATE meta SET value = '0' WHERE name = 'views'"))
        connection.execute(text("ALTER TABLE tasks DROP COLUMN beat"))
    rig.start()
    rig.start()
    rig.wait_for(*tasks, seconds=600)
    assert {rig.catalog.summary(task).outcome for task in tasks} == {Outcome.NO_PATCH}
    assert {tuple(rig.steps(task)) for task in tasks} == {
        ("submit", "old", "propose:1", "propose:2", "finish")
    }


def test_a_worker_outlives_a_database_that_is_away_and_says_so_once(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    gate = rig.folder / "gate"
    task = rig.submit(f"gate={gate}")
    owner, stop = rig.owner(), threading.Event()
    worker = Worker(rig.database, rig.queue(), owner, Deaf())
    thread = threading.Thread(target=worker.serve, args=(Proposals(rig.journal), stop))
    thread.start()
    _in_step(rig, task)
    with rig.database.write() as connection:
        connection.execute(text("ALTER TABLE events RENAME TO away"))
    gate.touch()
    wait_until(lambda: "cannot be used" in caplog.text)
    with rig.database.write() as connection:
        connection.execute(text("ALTER TABLE away RENAME TO events"))
    rig.wait_for(task)
    stop.set()
    thread.join()
    assert rig.times_run(task, "propose:1") == 1
    said = [record for record in caplog.records if "cannot be used" in record.message]
    assert len(said) == 1


@pytest.mark.long
def test_random_kills_lose_and_repeat_nothing(rig: Rig) -> None:
    effects = rig.folder / "effects"
    tasks = [rig.submit(f"effect={effects} wait=0.02", steps=3, repository=f"/{n % 5}") for n in range(60)]
    kills = 0
    processes = [rig.start(), rig.start(), rig.start()]
    while not rig.is_finished(*tasks):
        victim = processes[kills % 3]
        victim.join(0.4 + 0.1 * (kills % 7))
        assert victim.pid is not None
        os.kill(victim.pid, signal.SIGKILL)
        processes[kills % 3] = rig.start()
        kills += 1
    lines = effects.read_text().splitlines()
    assert sorted(lines) == sorted(f"{task} propose:{n}" for task in tasks for n in (1, 2, 3))
    assert {tuple(rig.steps(task)) for task in tasks} == {
        ("submit", "propose:1", "propose:2", "propose:3", "finish")
    }
    print(f"{len(tasks)} tasks, {kills} kills, 0 lost, 0 effects repeated")
