"""Tasks in the command's own process: every event once, and nothing left behind for ever."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from agent.cli.work.foreground import Foreground
from agent.engine.catalog import Catalog
from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.event import Event, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Decision, Rule, Subject
from agent.protocol.progress import Progress
from agent.protocol.task import TaskKind, TaskSpec
from tests.repo.project import Project

LONG_AGO = int(time.time()) - 60 * 24 * 3600


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "none.toml"))
    project = Project(tmp_path / "repo", tmp_path / "state").init()
    project.write("test_a.py", "def test_a():\n    assert False\n")
    project.commit()
    return project


def spec(project: Project, **known: object) -> TaskSpec:
    no = Rule(subject=Subject.TOOL, pattern="fix", decision=Decision.DENY)
    return TaskSpec(**{"kind": TaskKind.FIX, "repository": str(project.root), "policy": (no,), **known})


def test_a_task_is_run_to_its_end_and_each_of_its_events_is_seen_once(project: Project) -> None:
    with Foreground(project.state) as tasks:
        task_id = tasks.create(spec(project))
        items = list(tasks.items(task_id))
    events = [item for item in items if isinstance(item, Event)]
    assert [event.seq for event in events] == [1, 2, 3]
    assert isinstance(events[-1].body, TaskFinished) and events[-1].body.outcome is Outcome.DENIED
    assert any(isinstance(item, Progress) for item in items)


def test_a_task_that_was_cancelled_before_it_began_is_over(project: Project) -> None:
    with Foreground(project.state) as tasks:
        task_id = tasks.create(spec(project))
        tasks.cancel(task_id)
        last = [item for item in tasks.items(task_id) if isinstance(item, Event)][-1]
    assert isinstance(last.body, TaskFinished) and last.body.outcome is Outcome.INTERRUPTED


def test_a_reader_that_goes_away_ends_the_work(project: Project) -> None:
    with Foreground(project.state) as tasks:
        items = tasks.items(tasks.create(spec(project)))
        assert isinstance(next(items), Event)
        items.close()


def test_tasks_of_another_process_are_left_alone(project: Project) -> None:
    with Foreground(project.state) as first, Foreground(project.state) as second:
        theirs, ours = first.create(spec(project)), second.create(spec(project))
        list(second.items(ours))
        with closing(Database.open(project.state / "foreground")) as database:
            assert TaskStore(database).state(theirs).snapshot is None


def test_finished_tasks_go_when_they_are_old_and_killed_ones_are_ended_first(project: Project) -> None:
    with Foreground(project.state) as tasks:
        killed, finished, fresh = (tasks.create(spec(project)) for _ in range(3))
        list(tasks.items(finished))
    with closing(sqlite3.connect(project.state / "foreground" / "ratchet.db")) as database, database:
        old = (LONG_AGO, killed, finished)
        database.execute("UPDATE tasks SET updated_at = ? WHERE task_id IN (?, ?)", old)
    with Foreground(project.state):
        pass
    with closing(Database.open(project.state / "foreground")) as database:
        kept = {task.task_id: task.outcome for task in Catalog(database).page().tasks}
    assert kept == {fresh: None, killed: Outcome.INTERRUPTED}
