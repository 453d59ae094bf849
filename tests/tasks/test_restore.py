"""Our copy of a repository is a cache: a task goes on where it is missing."""

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.conversation import Turn
from agent.protocol.event import SnapshotTaken, TaskFinished, TurnTaken
from agent.protocol.model import ModelProfile, Role
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind, TaskSpec
from tests.repo.project import Project
from tests.tasks.deliveries import deliver, measured, prepare


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "none.toml"))
    made = Project(tmp_path / "repo", tmp_path / "state").init()
    made.write("a.py", "one\ntwo\nthree\n")
    made.write("b.py", "x = 1\n")
    made.commit()
    return made


def _ended(project: Project, task_id: str) -> TaskFinished:
    shutil.rmtree(project.state / "repositories")
    deliver(project.state)
    with closing(Database.open(project.state)) as database:
        finished = TaskStore(database).state(task_id).finished
    assert finished is not None
    return finished


@pytest.mark.parametrize("dirty", [False, True])
def test_a_proven_patch_is_brought_home_without_the_objects_it_was_made_of(
    project: Project, dirty: bool
) -> None:
    if dirty:
        project.write("c.py", "in = work\n")
    task_id = prepare(project.root, project.state)

    assert _ended(project, task_id).outcome is Outcome.VERIFIED
    assert (project.root / "a.py").read_text() == "one\nTWO\nthree\n"
    assert project.git("show", f"ratchet/{task_id}:b.py") == "y = 1"


def test_a_base_that_is_a_commit_is_found_again_after_the_branch_went_on(project: Project) -> None:
    task_id = prepare(project.root, project.state, apply=False)
    base = project.git("rev-parse", "HEAD")
    project.write("d.py", "later\n")
    project.commit()

    assert _ended(project, task_id).outcome is Outcome.VERIFIED
    assert project.git("rev-parse", f"ratchet/{task_id}~1") == base


def test_uncommitted_work_that_changed_meanwhile_is_not_guessed_at(project: Project) -> None:
    project.write("c.py", "in = work\n")
    task_id = prepare(project.root, project.state)
    project.write("c.py", "done = work\n")

    ended = _ended(project, task_id)

    assert "uncommitted" in ended.reason
    assert "retry" in ended.hint
    assert project.git("branch", "--list", "ratchet/*") == ""


def test_what_a_model_changed_is_not_guessed_at_when_it_is_gone(project: Project) -> None:
    base = project.store().snapshot()
    model = ModelProfile(name="m", base_url="http://127.0.0.1:9/v1", model="m")
    spec = TaskSpec(kind=TaskKind.DO, repository=str(project.root), goal="g", stages=("m",), models=(model,))
    said = Turn(role=Role.EDIT, model="m", text="done", tree="1" * 40)
    begun = [("snapshot", SnapshotTaken(snapshot=base)), ("reproduce", measured())]
    with closing(Database.open(project.state)) as database:
        facts = [*begun, ("turn:1", TurnTaken(turn=said))]
        task_id = TaskStore(database).create(spec, facts=facts).task_id

    finished = _ended(project, task_id)
    assert "what the model had changed so far is no longer there" in finished.reason
    assert "ratchet tasks retry" in finished.hint
