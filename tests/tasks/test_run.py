"""The story as a worker runs it, where no sandbox is needed: asking, ending early, splitting, stopping."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from agent.engine.catalog import Catalog
from agent.engine.checkpoints import Checkpoints
from agent.engine.control import Control
from agent.engine.database import Database
from agent.engine.errors import LeaseLost
from agent.engine.lease import Lease, Owner
from agent.engine.outbox import Outbox
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.story import Hold, Performer
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.check import Location, TestResult, TestStatus
from agent.protocol.control import GroupsSplit
from agent.protocol.event import Event, SnapshotTaken, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Action, ApprovalScope, Decision, Rule, Subject
from agent.protocol.progress import silent
from agent.protocol.state import TaskState
from agent.protocol.summary import Status
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.context import Context
from agent.tasks.grants import granted
from agent.tasks.run import RepairStory
from tests.repo.project import Project
from tests.tasks.deliveries import measured, prepare

ASK_A = Rule(subject=Subject.PATH, pattern="a.py", decision=Decision.ASK)
DENY_A = ASK_A.model_copy(update={"decision": Decision.DENY})


@dataclass
class Rig:
    """A repository, a database and a worker on them."""

    project: Project
    database: Database
    owner: Owner
    stop: threading.Event = field(default_factory=threading.Event)
    stop_at: type | None = None
    """Kind of event after which the worker is stopped."""

    @property
    def store(self) -> TaskStore:
        return TaskStore(self.database)

    def work(self) -> None:
        """Run whatever can be run."""
        queue = Queue(self.database, self.project.state / "owners", Turns(machine="here"))
        worker = Worker(self.database, queue, self.owner, self)
        while not self.stop.is_set() and worker.run_next(RepairStory(self.project.state), self.stop):
            pass

    def on_event(self, event: Event) -> None:
        if self.stop_at is not None and isinstance(event.body, self.stop_at):
            self.stop.set()

    def on_progress(self, task_id: str, update: object) -> None:
        pass

    def prepared(self, **spec: object) -> str:
        return prepare(self.project.root, self.project.state, **spec)

    def submitted(self, **spec: object) -> str:
        known = {"kind": TaskKind.FIX, "repository": str(self.project.root), "tests": ("test_a.py",)}
        return self.store.create(TaskSpec(**{**known, **spec})).task_id

    def finished(self, task_id: str) -> TaskFinished:
        state = self.store.state(task_id)
        assert state.finished is not None
        return state.finished

    def branches(self) -> str:
        return self.project.git("branch", "--list", "ratchet/*", "--format=%(refname:short)")


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.delenv("RATCHET_ORGANIZATION", raising=False)
    project = Project(tmp_path / "repo", tmp_path / "state").init()
    project.write("a.py", "one\ntwo\nthree\n")
    project.write("b.py", "x = 1\n")
    project.write("test_a.py", "def test_a():\n    assert False\n")
    project.commit()
    with closing(Database.open(project.state)) as database, closing(Owner(project.state / "owners")) as owner:
        yield Rig(project, database, owner)


def test_what_a_rule_asks_about_waits_for_an_answer_and_is_delivered_after_a_yes(rig: Rig) -> None:
    task_id = rig.prepared(policy=(ASK_A,), attended=True)
    rig.work()
    waiting = Catalog(rig.database).view(task_id)
    assert waiting.summary.status is Status.WAITING
    assert [action.value for action in waiting.open_approvals[0].actions] == ["a.py"]
    assert "+TWO" in waiting.open_approvals[0].detail
    assert rig.branches() == ""
    Control(rig.store).resolve(task_id, None, Decision.ALLOW, by="tui:ann")
    rig.work()
    assert rig.finished(task_id).outcome is Outcome.VERIFIED
    assert rig.branches() == f"ratchet/{task_id}"


@pytest.mark.parametrize(("scope", "asked"), [(ApprovalScope.ONCE, 2), (ApprovalScope.TASK, 1)])
def test_a_yes_for_the_task_is_not_asked_for_again_when_it_is_retried(
    rig: Rig, scope: ApprovalScope, asked: int
) -> None:
    rule = Rule(subject=Subject.TOOL, pattern="fix", decision=Decision.ASK)
    task_id = rig.submitted(policy=(rule,), attended=True, command="true", sandbox="none")
    control, grant = Control(rig.store), partial(granted, scope=scope, pattern=None)
    for _ in range(2):
        rig.work()
        if rig.store.state(task_id).open_approvals:
            control.resolve(task_id, None, Decision.ALLOW, by="tui:ann", scope=scope, grant=grant)
            rig.work()
        assert rig.finished(task_id).outcome is not Outcome.DENIED
        control.retry(task_id, by="tui:ann")
    kinds = [event.body.type for event in rig.store.events(task_id)]
    assert kinds.count("ApprovalRequested") == kinds.count("ApprovalResolved") == asked


def test_a_no_ends_the_task_with_its_patch_and_no_branch(rig: Rig) -> None:
    task_id = rig.prepared(policy=(ASK_A,), attended=True)
    rig.work()
    Control(rig.store).resolve(task_id, None, Decision.DENY, by="bot:bob", reason="not now")
    rig.work()
    ended = rig.finished(task_id)
    assert (ended.outcome, ended.reason) == (Outcome.DENIED, "bot:bob said no: not now")
    assert rig.branches() == ""
    assert rig.store.state(task_id).patch is not None


@pytest.mark.parametrize(("rule", "attended"), [(ASK_A, False), (DENY_A, False), (DENY_A, True)])
def test_where_nobody_answers_asking_means_no_and_a_denial_is_not_asked_about(
    rig: Rig, rule: Rule, attended: bool
) -> None:
    task_id = rig.prepared(policy=(rule,), attended=attended)
    rig.work()
    ended = rig.finished(task_id)
    assert ended.outcome is Outcome.DENIED
    assert "a.py" in ended.reason and "no branch" in ended.hint
    assert rig.branches() == ""
    assert (rig.project.root / "a.py").read_text() == "one\ntwo\nthree\n"


def test_the_repositorys_own_rule_is_read_from_the_base(rig: Rig) -> None:
    rig.project.write(".ratchet.toml", '[policy]\ntool = ["deny fix"]\n')
    rig.project.commit()
    task_id = rig.submitted()
    rig.work()
    assert rig.finished(task_id).outcome is Outcome.DENIED
    assert rig.store.state(task_id).baseline is None


def test_a_repository_that_would_weaken_the_policy_is_a_usage_error(rig: Rig) -> None:
    rig.project.write(".ratchet.toml", '[policy]\npath = ["allow .github/*"]\n')
    rig.project.commit()
    task_id = rig.submitted()
    rig.work()
    ended = rig.finished(task_id)
    assert ended.outcome is Outcome.USAGE
    assert ".ratchet.toml" in ended.reason


@pytest.mark.parametrize(
    "action",
    [
        Action(subject=Subject.TOOL, value="fix"),
        Action(subject=Subject.COMMAND, value="make test"),
        Action(subject=Subject.COMMAND, value="python tools/gen.py"),
        Action(subject=Subject.NETWORK, value="packages.example.org"),
        Action(subject=Subject.COST, value="2.5"),
    ],
)
def test_what_a_task_would_do_is_decided_before_anything_runs(
    rig: Rig, action: Action, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://user:secret@packages.example.org/simple")
    rig.project.write("requirements.txt", "attrs\n")
    rig.project.write(".ratchet.toml", '[environment]\nsetup = ["python tools/gen.py"]\n')
    rig.project.commit()
    rule = Rule(subject=action.subject, pattern=action.value, decision=Decision.DENY)
    task_id = rig.submitted(policy=(rule,), command="make test", limits={"cost_usd": 2.5})
    rig.work()
    assert action in rig.store.state(task_id).actions
    ended = rig.finished(task_id)
    assert ended.outcome is Outcome.DENIED
    assert action.value in ended.reason


def test_a_deadline_that_passed_in_the_queue_ends_the_task_as_budget(rig: Rig) -> None:
    task_id = rig.submitted(deadline=int(time.time()) - 1)
    rig.work()
    assert rig.finished(task_id).outcome is Outcome.BUDGET
    assert rig.store.state(task_id).snapshot is None


def test_a_proven_patch_is_delivered_although_the_deadline_has_passed(rig: Rig) -> None:
    task_id = rig.prepared(deadline=int(time.time()) - 1)
    rig.work()
    assert rig.finished(task_id).outcome is Outcome.VERIFIED


def failing(test_id: str, path: str) -> TestResult:
    return TestResult(id=test_id, status=TestStatus.FAILED, trace=(Location(path=path, line=1),))


def test_each_further_group_of_failures_becomes_a_task_that_knows_what_was_measured(rig: Rig) -> None:
    tests = (failing("t.py::a", "a.py"), failing("t.py::b", "b.py"), failing("t.py::c", "c.py"))
    task_id = rig.prepared(tests=(), branch="fix", priority=30, facts=measured(*tests))
    rig.stop_at = GroupsSplit
    rig.work()
    parent = rig.store.state(task_id)
    assert parent.children == (f"{task_id}-2", f"{task_id}-3")
    children = [rig.store.state(child) for child in parent.children]
    assert [child.spec.tests for child in children if child.spec] == [("t.py::b",), ("t.py::c",)]
    assert [child.spec.branch for child in children if child.spec] == ["fix-2", "fix-3"]
    assert {(child.spec.parent, child.spec.priority) for child in children if child.spec} == {(task_id, 30)}
    assert {child.snapshot for child in children} == {parent.snapshot}
    assert {child.baseline for child in children} == {parent.baseline}
    assert {child.seconds for child in children} == {0.0}


def test_a_split_that_is_run_again_makes_no_further_task(rig: Rig) -> None:
    tests = (failing("t.py::a", "a.py"), failing("t.py::b", "b.py"))
    task_id = rig.prepared(tests=(), facts=measured(*tests))
    state = rig.store.state(task_id)
    for _ in range(2):
        with performing(rig, state) as (performer, _hold):
            body = performer.perform(state, "split")
        assert body == GroupsSplit(children=(f"{task_id}-2",))
    assert len(Catalog(rig.database).page().tasks) == 2


@contextmanager
def performing(rig: Rig, state: TaskState, *, cancelled: bool = False) -> Iterator[tuple[Performer, Hold]]:
    """A performer on a hold of our own, for which nobody has a lease."""
    lease = Lease(state.task_id, "token", "owner")
    hold = Hold(
        task_id=state.task_id,
        interrupt=threading.Event(),
        checkpoints=Checkpoints(rig.database, lease),
        outbox=Outbox(rig.database, lease),
        on_progress=silent,
        split=lambda spec, task_id, facts: rig.store.create(spec, task_id=task_id, facts=facts),
        cancelled=lambda: cancelled,
    )
    with closing(RepairStory(rig.project.state).open(state, hold)) as performer:
        yield performer, hold


def test_an_interrupted_step_is_run_again_unless_the_task_was_cancelled(rig: Rig) -> None:
    state = rig.store.state(rig.submitted())
    with performing(rig, state) as (performer, hold):
        hold.interrupt.set()
        assert performer.perform(state, "snapshot") is None
    with performing(rig, state, cancelled=True) as (performer, hold):
        hold.interrupt.set()
        ended = performer.perform(state, "snapshot")
    assert isinstance(ended, TaskFinished) and ended.outcome is Outcome.INTERRUPTED


def test_an_owner_without_its_lease_delivers_nothing_and_ends_nothing(rig: Rig) -> None:
    state = rig.store.state(rig.prepared())
    with performing(rig, state) as (performer, _), pytest.raises(LeaseLost):
        performer.perform(state, "deliver")
    assert rig.branches() == ""


def test_a_step_that_fails_in_an_unknown_way_ends_the_task_with_its_traceback(rig: Rig) -> None:
    state = rig.store.state(rig.prepared())
    # No version of ours writes such a state.
    broken = state.model_copy(update={"snapshot": "none"})
    with performing(rig, broken) as (performer, _):
        ended = performer.perform(broken, "deliver")
    assert isinstance(ended, TaskFinished) and ended.outcome is Outcome.ERROR
    assert "Traceback" in ended.log and "bug in Ratchet" in ended.hint


def test_time_that_earlier_processes_took_is_taken_off_the_limit(rig: Rig) -> None:
    spec = TaskSpec(kind=TaskKind.FIX, repository="/r", limits={"seconds": 10})
    state = TaskState(task_id="t1", spec=spec)
    with performing(rig, state) as (_, hold):
        fresh = Context(spec, rig.project.state, hold)
        later = Context(spec, rig.project.state, hold, spent=7.0)
        soon = Context(spec.model_copy(update={"deadline": int(time.time()) + 1}), rig.project.state, hold)
    assert later.deadline <= fresh.deadline - 7.0 + 1.0
    assert soon.deadline <= time.monotonic() + 1.0


def test_the_trees_of_a_task_are_taken_once(rig: Rig) -> None:
    task_id = rig.submitted(policy=(Rule(subject=Subject.TOOL, pattern="*", decision=Decision.DENY),))
    rig.work()
    taken = [e.body for e in rig.store.events(task_id) if isinstance(e.body, SnapshotTaken)]
    assert [one.snapshot.tree for one in taken] == [rig.project.git("rev-parse", "HEAD^{tree}")]
