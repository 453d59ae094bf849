"""Old and large tasks go, open ones and their kin stay."""

import time
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.engine.blobs import collect
from agent.engine.errors import NoSuchTask
from agent.engine.retention import Keep, prune, stored_bytes
from agent.engine.schema import BLOBS, CHECKPOINTS, EFFECTS, EVENTS, REQUESTS, TASKS
from agent.engine.sqlite_file import FILE
from agent.protocol.event import LocationsRanked
from agent.protocol.proposal import Suspect
from agent.protocol.task import TaskKind, TaskSpec
from tests.engine.rig import Rig

EVERYTHING = Keep(days=-1.0, bytes=None)


def _grow(rig: Rig, task: str, seed: int, count: int = 1500) -> None:
    """Give a task an event that is kept in a blob of its own."""
    suspects = tuple(Suspect(path=f"{seed}/{n * 7919}.py", line=n, score=0.1) for n in range(count))
    rig.store.append(task, "locate", LocationsRanked(suspects=suspects))


def _age(rig: Rig, task: str, days: float) -> None:
    with rig.database.write() as connection:
        aged = {"updated_at": int(time.time() - days * 86400)}
        connection.execute(TASKS.update().where(TASKS.c.task_id == task).values(aged))


def test_what_is_too_old_goes_with_all_that_is_its(rig: Rig) -> None:
    effects = rig.folder / "effects"
    old, new = rig.submit(f"effect={effects}"), rig.submit(f"effect={effects}")
    rig.store.create(TaskSpec(kind=TaskKind.FIX, repository="/r"), keys=("k",), task_id=old)
    for seed, task in enumerate((old, new)):
        _grow(rig, task, seed)
    rig.run_all()
    _age(rig, old, 31)
    _age(rig, new, 29)
    assert prune(rig.database, Keep(days=30.0)).tasks == (old,)
    with pytest.raises(NoSuchTask):
        rig.store.events(old)
    with rig.database.read() as connection:
        for table in (EVENTS, EFFECTS, TASKS, CHECKPOINTS, REQUESTS):
            assert old not in connection.scalars(select(table.c.task_id)).all()
        assert len(connection.scalars(select(BLOBS.c.hash)).all()) == 1
    assert rig.store.state(new).suspects
    assert prune(rig.database, Keep(days=30.0)).tasks == ()


def test_open_tasks_and_their_parents_and_children_stay(rig: Rig) -> None:
    parent = rig.submit()
    child = rig.submit(parent=parent)
    grandchild = rig.submit(parent=child)
    stranger = rig.submit()
    rig.run_all()
    rig.control.retry(child, by="t")
    assert prune(rig.database, EVERYTHING).tasks == (stranger,)
    rig.run_all()
    assert set(prune(rig.database, EVERYTHING).tasks) == {parent, child, grandchild}


@pytest.mark.parametrize("wanted", ["queued", "paused", "waiting", "running"])
def test_a_task_that_is_not_finished_is_never_pruned(rig: Rig, wanted: str) -> None:
    task = rig.submit("ask" if wanted == "waiting" else None)
    if wanted == "paused":
        rig.control.pause(task, by="t")
    elif wanted == "running":
        assert rig.queue().claim(rig.owner())
    elif wanted == "waiting":
        rig.run_all()
    assert prune(rig.database, Keep(days=-1.0, bytes=0)).tasks == ()
    assert rig.catalog.summary(task).status == wanted


def test_the_oldest_finished_tasks_go_when_all_together_are_too_large(rig: Rig) -> None:
    tasks = [rig.submit() for _ in range(120)]
    for task in tasks:
        rig.control.cancel(task, by="t")
    for days, task in enumerate(reversed(tasks)):
        _age(rig, task, days)
    bound = stored_bytes(rig.database) // 2
    gone = prune(rig.database, Keep(days=None, bytes=bound)).tasks
    assert stored_bytes(rig.database) <= bound
    assert list(gone) == tasks[: len(gone)]


def test_blobs_that_nothing_names_are_collected_and_no_others(rig: Rig) -> None:
    task = rig.submit()
    _grow(rig, task, 1)
    with rig.database.write() as connection:
        connection.execute(BLOBS.insert().values(hash="unnamed", data=b"x"))
    with rig.database.write() as connection:
        assert collect(connection) == 1
        assert collect(connection) == 0
    assert rig.store.state(task).suspects


def test_the_file_gets_smaller_or_is_used_again(rig: Rig) -> None:
    def size() -> int:
        if isinstance(rig.place, Path):
            return sum(file.stat().st_size for file in rig.place.glob(f"{FILE}*"))
        with rig.database.read() as connection:
            return int(connection.exec_driver_sql("SELECT pg_database_size('tests')").scalar_one())

    def fill(seed: int) -> None:
        for number in range(10):
            _grow(rig, rig.submit(), seed + number, count=8000)
        rig.run_all()

    fill(0)
    full = size()
    assert len(prune(rig.database, EVERYTHING).tasks) == 10
    if isinstance(rig.place, Path):
        assert size() < full / 2
    else:
        with rig.database._engine.connect() as connection:
            plain = connection.execution_options(isolation_level="AUTOCOMMIT")
            plain.exec_driver_sql("VACUUM")
    fill(100)
    assert size() < full * 1.2
