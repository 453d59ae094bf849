"""A diff that comes with a verify task: the tree that is judged has it, and once proven it may go further."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.event import TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.repo.delivery import undo
from agent.repo.store import Store
from agent.tasks.take_snapshot import snapshot_of
from tests.repo.project import Project
from tests.tasks.deliveries import deliver, prepare

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
        ({"base": "HEAD~1", "head": "HEAD", "branch": "b"}, "base and head differ"),
        ({"patch": "", "apply": True}, "the patch changes nothing"),
        ({"patch": None, "apply": True}, "verify delivers only a patch"),
        ({"kind": TaskKind.FIX}, "fix takes no patch"),
    ],
)
def test_what_cannot_be_judged_so_ends_the_task_with_the_reason(
    project: Project, more: dict[str, Any], said: str
) -> None:
    ended = _ended(project, _spec(project).model_copy(update=more))

    assert ended.outcome is Outcome.USAGE
    assert said in ended.reason


MINE = "one\ntwo\nthree\n# mine, not committed\n"
PROVEN = "one\nTWO\nthree\n"


@dataclass
class Proven:
    """A task that has proven a patch on files of which some are not committed, and delivered nothing."""

    project: Project
    task_id: str

    @property
    def state(self) -> TaskState:
        return _state(self.project, self.task_id)

    def hand_in(self, **more: Any) -> TaskState:
        """Hand its patch in as a task of its own, which has no sandbox, and return that task's end."""
        theirs = self.state
        assert theirs.snapshot is not None and theirs.patch is not None
        named = {"base": theirs.snapshot.commit, "head": theirs.snapshot.commit, "sandbox": "none"}
        known = {**named, "patch": theirs.patch.diff, "proven_by": self.task_id}
        with closing(Database.open(self.project.state)) as database:
            spec = _spec(self.project).model_copy(update={**known, **more})
            task_id = TaskStore(database).create(spec).task_id
        deliver(self.project.state)
        return _state(self.project, task_id)


def _state(project: Project, task_id: str) -> TaskState:
    with closing(Database.open(project.state)) as database:
        return TaskStore(database).state(task_id)


@pytest.fixture
def proven(project: Project) -> Proven:
    project.write("b.py", "x = 1\n")
    project.commit()
    project.write("mine.txt", MINE)
    task_id = prepare(project.root, project.state, apply=False, deliver=False)
    deliver(project.state)
    return Proven(project, task_id)


def test_a_patch_that_was_proven_on_these_very_files_is_applied_and_can_be_taken_back(proven: Proven) -> None:
    project = proven.project

    ended = proven.hand_in(apply=True)

    assert ended.finished is not None and ended.delivered is not None and ended.verdict is not None
    assert ended.finished.outcome is Outcome.VERIFIED
    assert ended.finished.reason.endswith("; applied")
    assert (ended.delivered.applied, ended.delivered.branch) == (True, None)
    assert proven.task_id in ended.verdict.notes[-1]
    assert (project.root / "a.py").read_text() == PROVEN
    assert project.git("branch", "--format=%(refname:short)") == "main"
    undone = undo(Store.open(project.root, project.state))
    assert (undone.task_id, undone.files) == (ended.task_id, ("a.py", "b.py"))
    assert (project.root / "a.py").read_text() == "one\ntwo\nthree\n"
    assert (project.root / "mine.txt").read_text() == MINE


def test_a_patch_that_was_proven_goes_to_the_branch_that_was_named_in_the_users_words(proven: Proven) -> None:
    project = proven.project

    ended = proven.hand_in(branch="mine/upper", goal="Shout two\n\nIt was too quiet.")

    assert ended.finished is not None and ended.delivered is not None and ended.snapshot is not None
    assert ended.finished.reason.endswith("; on branch mine/upper")
    assert project.git("rev-parse", "mine/upper") == ended.delivered.commit
    assert project.git("rev-parse", "mine/upper~1") == ended.snapshot.commit
    assert project.git("show", "mine/upper:a.py") == PROVEN.rstrip()
    shown = project.git("log", "-1", "--format=%B", "mine/upper")
    assert shown.startswith(f"Shout two\n\nIt was too quiet.\n\nRatchet-Task: {ended.task_id}")
    assert (project.root / "a.py").read_text() == "one\ntwo\nthree\n"


@pytest.mark.parametrize(
    "more",
    [
        {"patch": DIFF},
        {"base": "HEAD", "head": "HEAD"},
        {"proven_by": "no-such-task"},
        {"command": "another check"},
    ],
)
def test_a_proof_of_something_else_is_none_and_the_patch_is_measured(
    proven: Proven, more: dict[str, Any]
) -> None:
    ended = proven.hand_in(apply=True, **{"command": None, **more})

    assert ended.finished is not None and ended.baseline is None
    assert ended.finished.outcome in (Outcome.USAGE, Outcome.SANDBOX)
    assert (proven.project.root / "a.py").read_text() == "one\ntwo\nthree\n"


def test_files_that_changed_since_are_left_alone_where_the_merge_cannot_be_measured(proven: Proven) -> None:
    proven.project.write("c.py", "y = 2\n")

    ended = proven.hand_in(apply=True)

    assert ended.finished is not None and ended.delivered is None and ended.verdict is not None
    assert ended.finished.outcome is not Outcome.VERIFIED
    assert (proven.project.root / "a.py").read_text() == "one\ntwo\nthree\n"
    assert (proven.project.root / "c.py").read_text() == "y = 2\n"


def test_files_in_conflict_with_a_proven_patch_are_left_alone_and_the_patch_can_be_had(
    proven: Proven,
) -> None:
    proven.project.write("a.py", "one\nzwei\nthree\n")

    ended = proven.hand_in(apply=True)

    assert ended.finished is not None
    assert ended.finished.outcome is Outcome.UNVERIFIED
    assert "conflict" in ended.finished.reason
    assert f"ratchet tasks patch {ended.task_id}" in ended.finished.hint
    assert (proven.project.root / "a.py").read_text() == "one\nzwei\nthree\n"
