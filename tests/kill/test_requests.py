"""What people ask of a task survives a kill before or after it is recorded, and counts once."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.client.client import Client
from agent.protocol.api import TaskView
from agent.protocol.errors import RatchetError
from agent.protocol.event import Event
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Decision, Rule, Subject
from agent.protocol.summary import Status
from tests.kill.chains import recorded
from tests.kill.checks import PROVEN, faults
from tests.kill.leftovers import LIMIT, Leftovers
from tests.kill.repositories import PRICE, SLOW, UserRepository
from tests.kill.stage import PATIENCE, Stage
from tests.kill.triggers import Trigger, after, before

CONTROL = "agent.engine.control:Control"
_INSERT = "agent.engine.store:_insert"
ASKING = Rule(subject=Subject.TOOL, pattern="*", decision=Decision.ASK)


@pytest.mark.long
def test_an_approval_is_asked_once_and_given_once(stage: Stage, tmp_path: Path) -> None:
    repository = UserRepository(tmp_path / "repository")
    with _killed_at(
        stage,
        *recorded("ApprovalRequested"),
        after(_INSERT, "ApprovalResolved"),
        after(f"{CONTROL}.resolve"),
        after(_INSERT, "ApprovalRequested"),
        before(f"{CONTROL}.resolve"),
    ):
        task_id = stage.submit(repository.path, policy=(ASKING,), attended=True)
        for _ in range(2):
            _until(stage, task_id, lambda view: view.summary.status is Status.WAITING)
            _ask(stage, lambda client: client.approve(task_id))
        stage.follow(task_id)
    kinds = _kinds(stage.heard[task_id])
    assert kinds.count("ApprovalRequested") == kinds.count("ApprovalResolved") == 2
    assert faults(stage, [repository]) == []


@pytest.mark.long
def test_a_pause_and_a_resume_each_count_once(stage: Stage, tmp_path: Path) -> None:
    repository = UserRepository(tmp_path / "repository", PRICE | SLOW)
    with _killed_at(
        stage,
        after(_INSERT, "PauseRequested"),
        after(f"{CONTROL}.pause"),
        after(_INSERT, "PriorityChanged"),
        after(f"{CONTROL}.prioritize"),
        after(_INSERT, "ResumeRequested"),
        after(f"{CONTROL}.resume"),
    ):
        task_id = stage.submit(repository.path)
        _until(stage, task_id, lambda view: view.summary.status is Status.RUNNING)
        _ask(stage, lambda client: client.pause(task_id))
        _until(stage, task_id, lambda view: view.summary.status is Status.PAUSED)
        _ask(stage, lambda client: client.prioritize(task_id, 5))
        paused = _view(stage, task_id)
        _ask(stage, lambda client: client.resume(task_id))
        stage.follow(task_id)
    assert (paused.summary.status, paused.summary.priority) == (Status.PAUSED, 5)
    kinds = _kinds(stage.heard[task_id])
    assert [kinds.count(f"{name}Requested") for name in ("Pause", "Resume")] == [1, 1]
    assert faults(stage, [repository]) == []


@pytest.mark.long
def test_a_cancelled_task_ends_once_and_a_retry_begins_it_once(stage: Stage, tmp_path: Path) -> None:
    repository = UserRepository(tmp_path / "repository", PRICE | SLOW)
    with _killed_at(
        stage,
        after(_INSERT, "CancelRequested"),
        after(f"{CONTROL}.cancel"),
        after(_INSERT, "RetryRequested"),
        after(f"{CONTROL}.retry"),
    ):
        task_id = stage.submit(repository.path)
        _until(stage, task_id, lambda view: view.summary.status is Status.RUNNING)
        _ask(stage, lambda client: client.cancel(task_id))
        _until(stage, task_id, lambda view: view.summary.outcome is Outcome.INTERRUPTED)
        assert faults(stage, [repository], [Outcome.INTERRUPTED]) == []
        _ask(stage, lambda client: client.retry(task_id))
        stage.follow(task_id)
    kinds = _kinds(stage.heard[task_id])
    assert [kinds.count(f"{name}Requested") for name in ("Cancel", "Retry")] == [1, 1]
    assert kinds.count("TaskFinished") == 2
    assert faults(stage, [repository], PROVEN) == []


@pytest.mark.long
def test_a_daemon_that_is_killed_while_it_shuts_down_leaves_its_tasks_to_the_next(
    stage: Stage, tmp_path: Path
) -> None:
    repository = UserRepository(tmp_path / "repository", PRICE | SLOW)
    points = (
        before("agent.daemon.supervisor:Supervisor.stop"),
        before("agent.engine.queue:Queue.release"),
        before("agent.engine.lease:Owner.close"),
        after("agent.daemon.supervisor:Supervisor.stop"),
        before("agent.daemon.lifecycle:StateLock.release"),
    )
    with _killed_at(stage, *points):
        task_id = stage.submit(repository.path)
        for _ in points:
            _until(stage, task_id, lambda view: view.summary.status is Status.RUNNING)
            pid = stage.daemon()
            _ask(stage, lambda client: client.shutdown(drain=False))
            _wait(lambda pid=pid: stage.daemon() != pid)
        stage.follow(task_id)
    assert faults(stage, [repository]) == []


@contextlib.contextmanager
def _killed_at(stage: Stage, *points: Trigger):  # type: ignore[no-untyped-def]
    stage.armed.add(*points)
    with Leftovers(stage) as leftovers:
        yield
        stage.start()
        left = leftovers.wait()
    print()
    print(*(f"killed {each}" for each in stage.armed.fired()), sep="\n")
    assert not stage.armed.left()
    assert not left
    assert leftovers.longest <= LIMIT, leftovers


def _ask(stage: Stage, request: Callable[[Client], object]) -> None:
    """Make a request; one whose answer was lost may be refused when it is made again."""
    with contextlib.suppress(RatchetError):
        stage.ask(request)


def _view(stage: Stage, task_id: str) -> TaskView:
    view = stage.ask(lambda client: client.task(task_id))
    assert isinstance(view, TaskView)
    return view


def _until(stage: Stage, task_id: str, holds: Callable[[TaskView], bool]) -> None:
    _wait(lambda: holds(_view(stage, task_id)))


def _wait(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def _kinds(events: list[Event]) -> list[str]:
    return [event.body.type for event in events]
