"""Whatever is wrong with the database, there is one clear error and nothing is lost."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, inspect, select, text

from agent.engine import migrations
from agent.engine.control import Control
from agent.engine.database import Database
from agent.engine.errors import StoreUnavailable
from agent.engine.lease import Owner
from agent.engine.schema import EFFECTS, VERSION
from agent.engine.sqlite_file import FILE
from agent.engine.store import TaskStore
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind, TaskSpec
from tests.engine.rig import Rig
from tests.engine.stories import wait_until
from tests.postgres import Cluster

SPEC = TaskSpec(kind=TaskKind.FIX, repository="/r", seed=1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a file system of two megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def _remount(disk: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


def test_tables_of_a_newer_version_are_left_alone_with_a_clear_error(rig: Rig) -> None:
    task = rig.submit()
    with rig.database.write() as connection:
        connection.execute(text(f"UPDATE meta SET value = '{VERSION + 1}' WHERE name = 'schema'"))
    with pytest.raises(StoreUnavailable, match="newer Ratchet") as refused:
        Database.open(rig.place)
    assert "upgrade Ratchet" in refused.value.hint
    assert rig.steps(task) == ["submit"]


def test_tables_of_an_older_version_are_brought_up_step_by_step(rig: Rig) -> None:
    task = rig.submit()
    taken: list[int] = []

    def step(number: int) -> migrations.Step:
        def add(connection: Connection) -> None:
            taken.append(number)
            connection.execute(text(f"CREATE TABLE new_in_{number + 1} (x INTEGER)"))

        return add

    steps = {number: step(number) for number in (VERSION, VERSION + 1)}
    with rig.database.write() as connection:
        migrations.upgrade(connection, "here", steps=steps, target=VERSION + 2)
    assert taken == [VERSION, VERSION + 1]
    with rig.database.read() as connection:
        assert f"new_in_{VERSION + 2}" in inspect(connection).get_table_names()
    with rig.database.write() as connection:
        migrations.upgrade(connection, "here", steps=steps, target=VERSION + 2)
    assert len(taken) == 2
    assert rig.steps(task) == ["submit"]


def test_a_step_that_fails_leaves_everything_as_it_was(rig: Rig) -> None:
    def fail(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE half (x INTEGER)"))
        connection.execute(text("ALTER TABLE none RENAME TO other"))

    with pytest.raises(StoreUnavailable), rig.database.write() as connection:
        migrations.upgrade(connection, "here", steps={VERSION: fail}, target=VERSION + 1)
    with rig.database.read() as connection:
        assert "half" not in inspect(connection).get_table_names()
        assert migrations.is_current(connection)


def test_a_table_of_facts_that_is_gone_is_not_replaced_by_an_empty_one(rig: Rig) -> None:
    with rig.database.write() as connection:
        connection.execute(text("DROP TABLE events"))
    with pytest.raises(StoreUnavailable, match="lost events") as refused:
        Database.open(rig.place)
    assert "copy" in refused.value.hint


def _opened_by_many(place: Path | str) -> list[Database]:
    opened: list[Database] = []
    threads = [threading.Thread(target=lambda: opened.append(Database.open(place))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return opened


def test_many_processes_can_open_a_new_database_at_once(place: Path | str, tmp_path: Path) -> None:
    opened = _opened_by_many(place)
    assert len(opened) == 8
    created = TaskStore(opened[0]).create(SPEC)
    assert TaskStore(opened[7]).state(created.task_id).spec == SPEC
    for database in opened:
        database.close()


@pytest.mark.long
def test_a_new_file_is_opened_by_many_however_often_it_is_tried(tmp_path: Path) -> None:
    for number in range(100):
        opened = _opened_by_many(tmp_path / str(number))
        assert len(opened) == 8
        for database in opened:
            database.close()


def test_a_full_disk_is_named_and_work_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    with closing(Rig(small_disk / "state", tmp_path)) as rig:
        _work_through_a_full_disk(rig, small_disk / "ballast")


def _work_through_a_full_disk(rig: Rig, ballast: Path) -> None:
    gate = rig.folder / "gate"
    running = rig.submit(f"gate={gate}", steps=2)
    rig.start()
    wait_until(lambda: rig.times_run(running, "propose:1") == 1)
    with pytest.raises(OSError, match="No space"), ballast.open("wb") as file:
        while True:
            file.write(bytes(4096))
            file.flush()
    with pytest.raises(StoreUnavailable, match="full") as refused:
        for _ in range(1000):
            rig.submit("x" * 4096)
    assert "free some disk space" in refused.value.hint
    known = [one.task_id for one in rig.catalog.page(limit=500).tasks]
    gate.touch()
    wait_until(lambda: _tries_to_record(rig, running))
    ballast.unlink()
    rig.wait_for(running)
    assert rig.times_run(running, "propose:1") == 1
    assert known == [one.task_id for one in rig.catalog.page(limit=500).tasks]
    rig.submit()


def _tries_to_record(rig: Rig, task: str) -> bool:
    """Say whether the step's result was refused: it was begun, and nothing is recorded on the full disk."""
    try:
        rig.control.pause(task, by="t")
    except StoreUnavailable:
        return rig.steps(task) == ["submit"]
    rig.control.resume(task, by="t")
    return False


def test_a_read_only_state_directory_is_named_and_loses_nothing(small_disk: Path) -> None:
    state = small_disk / "state"
    database = Database.open(state)
    task = TaskStore(database).create(SPEC).task_id
    database.close()
    _remount(small_disk, "ro")
    for open_it in (
        lambda: Database.open(state),
        lambda: Database.open(small_disk / "other"),
        lambda: Owner(state / "owners"),
    ):
        with pytest.raises(StoreUnavailable) as refused:
            open_it()
        assert "RATCHET_STATE_DIR" in refused.value.hint
    _remount(small_disk, "rw")
    database = Database.open(state)
    assert len(Control(TaskStore(database)).cancel(task, by="t")) == 2
    database.close()


@pytest.mark.parametrize("damage", ["no database", "overwritten", "cut"])
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path: Path, damage: str) -> None:
    file = tmp_path / FILE
    database = Database.open(tmp_path)
    for _ in range(50):
        TaskStore(database).create(SPEC)
    database.close()
    content = bytearray(file.read_bytes())
    if damage == "no database":
        content = bytearray(b"This is not a database, it is a letter. " * 500)
    elif damage == "overwritten":
        content[4096 : len(content)] = os.urandom(len(content) - 4096)
    else:
        del content[5000:]
    file.write_bytes(content)
    with pytest.raises(StoreUnavailable) as refused:
        opened = Database.open(tmp_path)
        try:
            TaskStore(opened).create(SPEC)
        finally:
            opened.close()
    assert "damaged" in refused.value.hint
    assert file.read_bytes()[8192:] == content[8192:]


def test_a_database_that_somebody_keeps_locked_is_named(tmp_path: Path) -> None:
    database = Database.open(tmp_path, busy_seconds=0.2)
    holder = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="locked") as refused:
        TaskStore(database).create(SPEC)
    assert "another process" in refused.value.hint
    holder.execute("COMMIT")
    holder.close()
    TaskStore(database).create(SPEC)
    database.close()


def test_a_database_that_is_locked_for_a_moment_is_waited_for(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    holder = sqlite3.connect(tmp_path / FILE, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.5, lambda: holder.execute("COMMIT")).start()
    TaskStore(database).create(SPEC)
    holder.close()
    database.close()


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        Database.open(tmp_path / "state")


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("postgresql://postgres@/tests?host=/nowhere", "see that PostgreSQL runs"),
        ("no url", "write postgresql://"),
        ("mysql://x@y/z", "write postgresql://"),
    ],
)
def test_a_server_that_cannot_be_reached_is_named(url: str, hint: str) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        Database.open(url)
    assert hint in refused.value.hint


def test_a_missing_database_is_named_without_the_password(cluster: Cluster) -> None:
    url = cluster.url("missing").replace("postgres@", "postgres:s3cret@")
    with pytest.raises(StoreUnavailable, match="does not exist") as refused:
        Database.open(url)
    assert "s3cret" not in str(refused.value) + refused.value.hint


def test_a_server_that_is_restarted_loses_nothing_and_work_goes_on(
    cluster: Cluster, postgres_url: str, tmp_path: Path
) -> None:
    with closing(Rig(postgres_url, tmp_path)) as rig:
        _work_through_restarts(rig, cluster)


def _work_through_restarts(rig: Rig, cluster: Cluster) -> None:
    gate, effects = rig.folder / "gate", rig.folder / "effects"
    running = rig.submit(f"effect={effects} gate={gate}", steps=2)
    waiting = [rig.submit(repository=f"/{n}") for n in range(10)]
    rig.start()
    # A step that was about to use the database is rightly begun anew; this one only waits by now.
    wait_until(lambda: _effects_made(rig) == 1)
    for mode in ("immediate", "fast"):
        cluster.stop(mode)
        with pytest.raises(StoreUnavailable) as refused:
            rig.submit()
        assert "PostgreSQL" in refused.value.hint
        cluster.start()
        rig.submit(repository=f"/{mode}")
    gate.touch()
    rig.wait_for(running, *waiting)
    assert rig.times_run(running, "propose:1") == 1
    assert sorted(effects.read_text().splitlines()) == [f"{running} propose:1", f"{running} propose:2"]
    assert {rig.catalog.summary(task).outcome for task in (running, *waiting)} == {Outcome.NO_PATCH}


def _effects_made(rig: Rig) -> int:
    with rig.database.read() as connection:
        made = select(func.count()).select_from(EFFECTS).where(EFFECTS.c.result.is_not(None))
        return int(connection.scalar(made) or 0)


def test_a_copy_of_the_file_made_meanwhile_is_a_database(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "state")
    task = TaskStore(database).create(SPEC).task_id
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    copy = Database.open(tmp_path / "copy")
    assert TaskStore(copy).state(task).spec == SPEC
    for one in (database, copy):
        one.close()


def test_a_database_is_opened_without_the_parts_for_the_other_kind(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from agent.engine.database import Database\n"
        "from agent.engine.store import TaskStore; from agent.protocol.task import TaskSpec\n"
        "store = TaskStore(Database.open(pathlib.Path(sys.argv[1])))\n"
        "store.create(TaskSpec(kind='fix', repository='/r'))\n"
        "print('sqlalchemy.dialects.sqlite' in sys.modules, 'sqlalchemy.dialects.postgresql' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
