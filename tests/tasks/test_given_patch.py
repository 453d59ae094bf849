"""A diff that comes with a verify task: the tree that is judged has it, and nothing else does."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.event import TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.store import Store
from agent.tasks.take_snapshot import snapshot_of
from tests.repo.project import Project
from tests.tasks.deliveries import deliver

DIFF = "--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n"
OUTSIDE = "diff --git a/../x b/../x\nnew file mode 100644\n--- /dev/null\n+++ b/../x\n@@ -0,0 +1 @@\n+x\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a repository of two commits, the second of which changes the last line."""
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "none.toml"))
    made = Project(tmp_path / "repo", tmp_path / "state").init()
    made.write("a.py", "one\ntwo\n3\n")
    made.commit()
    made.write("a.py", "one\ntwo\nthree\n")
    made.commit()
    return made


def _spec(project: Project, **more: Any) -> TaskSpec:
    return TaskSpec(kind=TaskKind.VERIFY, repository=str(project.root), patch=DIFF, **more)


def _judged(project: Project, spec: TaskSpec) -> tuple[bytes, bytes]:
    """Return the file as the base has it and as it is judged."""
    store = Store.open(project.root, project.state)
    taken = snapshot_of(spec, store)
    assert taken.head_tree is not None
    return store.read(taken.snapshot.tree, "a.py"), store.read(taken.head_tree, "a.py")


def _ended(project: Project, spec: TaskSpec) -> TaskFinished:
    with closing(Database.open(project.state)) as database:
        task_id = TaskStore(database).create(spec).task_id
    deliver(project.state)
    with closing(Database.open(project.state)) as database:
        finished = TaskStore(database).state(task_id).finished
    assert finished is not None
    return finished


def test_it_is_put_on_a_named_head_and_compared_with_a_named_base(project: Project) -> None:
    judged = _judged(project, _spec(project, base="HEAD~1", head="HEAD"))

    assert judged == (b"one\ntwo\n3\n", b"one\nTWO\nthree\n")


def test_without_a_head_it_is_put_on_the_files_as_they_are(project: Project) -> None:
    project.write("a.py", "one\ntwo\nthree\nfour\n")

    assert _judged(project, _spec(project)) == (b"one\ntwo\nthree\n", b"one\nTWO\nthree\nfour\n")
    assert (project.root / "a.py").read_text() == "one\ntwo\nthree\nfour\n"


def test_an_empty_diff_judges_the_head_as_it_is(project: Project) -> None:
    spec = _spec(project, head="HEAD").model_copy(update={"patch": ""})

    assert _judged(project, spec)[1] == b"one\ntwo\nthree\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"base": "HEAD", "head": "HEAD~1"}, "the diff does not apply: patch failed: a.py:1"),
        ({"patch": OUTSIDE}, "does not apply"),
        ({"apply": True}, "cannot be applied as well"),
        ({"kind": TaskKind.FIX}, "fix takes no patch"),
    ],
)
def test_what_cannot_be_judged_so_ends_the_task_with_the_reason(
    project: Project, more: dict[str, Any], said: str
) -> None:
    ended = _ended(project, _spec(project).model_copy(update=more))

    assert ended.outcome is Outcome.USAGE
    assert said in ended.reason
    assert ended.hint
