"""Tasks in the command's own process: every event once, and nothing left behind for ever."""

import sqlite3
import subprocess
import sys
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
        items = [item for _, item in tasks.items(task_id)]
    events = [item for item in items if isinstance(item, Event)]
    assert [event.seq for event in events] == [1, 2, 3]
    assert isinstance(events[-1].body, TaskFinished) and events[-1].body.outcome is Outcome.DENIED
    assert any(isinstance(item, Progress) for item in items)


def test_a_task_that_was_cancelled_before_it_began_is_over(project: Project) -> None:
    with Foreground(project.state) as tasks:
        task_id = tasks.create(spec(project))
        tasks.cancel(task_id)
        last = [item for _, item in tasks.items(task_id) if isinstance(item, Event)][-1]
    assert isinstance(last.body, TaskFinished) and last.body.outcome is Outcome.INTERRUPTED


def test_a_reader_that_goes_away_ends_the_work(project: Project) -> None:
    with Foreground(project.state) as tasks:
        items = tasks.items(tasks.create(spec(project)))
        assert isinstance(next(items)[1], Event)
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
    assert kept == {fresh: Outcome.INTERRUPTED, killed: Outcome.INTERRUPTED}


KILLED = """
import os, signal, sys
from pathlib import Path
from agent.cli.work.foreground import Foreground
from agent.protocol.task import TaskSpec
spec = TaskSpec.model_validate_json(sys.argv[2])
tasks = Foreground(Path(sys.argv[1])).__enter__()
print(tasks.create(spec), flush=True)
sys.stdin.read(1)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_task_is_given_up_with_a_word_once_the_run_that_followed_it_is_dead(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-c", KILLED, str(project.state), spec(project).model_dump_json()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdin is not None and run.stdout is not None
        task_id = run.stdout.readline().strip()
        with Foreground(project.state):
            assert _outcome(project, task_id) is None
        assert capsys.readouterr().err == ""
        run.stdin.write("die")
        run.stdin.close()
        run.wait()
    with Foreground(project.state):
        assert _outcome(project, task_id) is Outcome.INTERRUPTED
    assert f"task {task_id} of a run that was killed is given up" in capsys.readouterr().err


def test_a_delivery_that_a_killed_run_had_begun_is_brought_home(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with Foreground(project.state) as tasks:
        task_id = tasks.create(spec(project))
    with closing(sqlite3.connect(project.state / "foreground" / "ratchet.db")) as database, database:
        intended = (f"{task_id}:branch:1", task_id, "branch", "{}", int(time.time()))
        columns = "(key, task_id, kind, payload, intended_at)"
        database.execute(f"INSERT INTO effects {columns} VALUES (?, ?, ?, ?, ?)", intended)
    with Foreground(project.state):
        # It ran to the end that its policy sets, instead of being cancelled.
        assert _outcome(project, task_id) is Outcome.DENIED
    assert f"had begun to deliver task {task_id}" in capsys.readouterr().err


def _outcome(project: Project, task_id: str) -> Outcome | None:
    with closing(Database.open(project.state / "foreground")) as database:
        return Catalog(database).summary(task_id).outcome
