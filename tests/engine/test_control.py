"""What people ask of a task has its effect once, and a clear answer when it makes no sense."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from agent.engine.errors import NoSuchTask, NotPossible
from agent.protocol.errors import UsageError
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Decision
from agent.protocol.summary import Status
from tests.engine.rig import Rig


def _finished(rig: Rig) -> str:
    task = rig.submit()
    rig.run_all()
    return task


def test_a_task_nobody_works_on_is_cancelled_at_once(rig: Rig) -> None:
    task = rig.submit()
    events = rig.control.cancel(task, by="cli:ann")
    assert [event.body.type for event in events] == ["CancelRequested", "TaskFinished"]
    summary = rig.catalog.summary(task)
    assert (summary.status, summary.outcome) == (Status.FINISHED, Outcome.INTERRUPTED)
    assert "cli:ann" in summary.reason
    assert rig.control.cancel(task, by="cli:ann") == []
    assert rig.run_all() == 0


def test_a_task_in_work_is_asked_to_end(rig: Rig) -> None:
    task = rig.submit()
    assert rig.queue().claim(rig.owner()) is not None
    assert [event.body.type for event in rig.control.cancel(task, by="t")] == ["CancelRequested"]
    assert rig.control.cancel(task, by="t") == []
    assert rig.catalog.summary(task).status is Status.RUNNING


def test_a_paused_task_waits_and_goes_on_when_it_is_resumed(rig: Rig) -> None:
    task = rig.submit()
    assert len(rig.control.pause(task, by="t")) == 1
    assert rig.control.pause(task, by="t") == []
    assert (rig.run_all(), rig.catalog.summary(task).status) == (0, Status.PAUSED)
    assert len(rig.control.resume(task, by="t")) == 1
    assert rig.control.resume(task, by="t") == []
    assert (rig.run_all(), rig.catalog.summary(task).status) == (1, Status.FINISHED)


def test_a_paused_task_can_be_cancelled(rig: Rig) -> None:
    task = rig.submit()
    rig.control.pause(task, by="t")
    rig.control.cancel(task, by="t")
    assert rig.catalog.summary(task).outcome is Outcome.INTERRUPTED


@pytest.mark.parametrize("ask", ["pause", "resume", "cancel"])
def test_a_finished_task_cannot_be_steered(rig: Rig, ask: str) -> None:
    task = _finished(rig)
    with pytest.raises(NotPossible, match="finished") as refused:
        getattr(rig.control, ask)(task, by="t")
    assert "retry" in refused.value.hint
    with pytest.raises(NotPossible):
        rig.control.prioritize(task, 1, by="t")


def test_a_retried_task_runs_its_steps_again_under_keys_of_their_own(rig: Rig) -> None:
    task = _finished(rig)
    rig.control.retry(task, by="t")
    assert rig.catalog.summary(task).status is Status.QUEUED
    with pytest.raises(NotPossible, match="not finished"):
        rig.control.retry(task, by="t")
    rig.run_all()
    assert rig.steps(task) == ["submit", "propose:1", "finish", "retry:4", "2/propose:1", "2/finish"]
    assert rig.store.state(task).attempt == 2


def test_a_cancelled_task_can_be_retried(rig: Rig) -> None:
    task = rig.submit()
    rig.control.cancel(task, by="t")
    rig.control.retry(task, by="t")
    rig.run_all()
    assert rig.catalog.summary(task).outcome is Outcome.NO_PATCH


def test_a_priority_is_changed_once_and_within_its_bounds(rig: Rig) -> None:
    task = rig.submit()
    assert len(rig.control.prioritize(task, 5, by="t")) == 1
    assert rig.control.prioritize(task, 5, by="t") == []
    assert rig.catalog.summary(task).priority == 5
    for wrong in (-1, 1001, 10**30):
        with pytest.raises(UsageError):
            rig.control.prioritize(task, wrong, by="t")


def test_an_approval_is_settled_for_everybody_by_the_first_answer(rig: Rig) -> None:
    task = rig.submit("ask")
    rig.run_all()
    view = rig.catalog.view(task)
    assert (view.summary.status, [one.id for one in view.open_approvals]) == (Status.WAITING, ["gate"])

    def answer(number: int) -> int:
        decision = Decision.ALLOW if number % 2 else Decision.DENY
        try:
            return len(rig.control.resolve(task, "gate", decision, by=f"front end {number}"))
        except NotPossible:
            return 0

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(answer, range(8))) == 1
    settled = rig.catalog.view(task)
    assert (len(settled.answers), settled.open_approvals) == (1, ())
    assert settled.summary.status is Status.QUEUED
    first = settled.answers[0].decision
    assert rig.control.resolve(task, "gate", first, by="late") == []
    other = Decision.DENY if first is Decision.ALLOW else Decision.ALLOW
    with pytest.raises(NotPossible, match="settled before"):
        rig.control.resolve(task, "gate", other, by="late")
    rig.run_all()
    assert rig.is_finished(task)


def test_the_only_open_approval_needs_no_name(rig: Rig) -> None:
    task = rig.submit("ask")
    with pytest.raises(NotPossible, match="no approval"):
        rig.control.resolve(task, None, Decision.ALLOW, by="t")
    rig.run_all()
    with pytest.raises(NotPossible, match="'other'"):
        rig.control.resolve(task, "other", Decision.ALLOW, by="t")
    with pytest.raises(UsageError):
        rig.control.resolve(task, None, Decision.ASK, by="t")
    assert len(rig.control.resolve(task, None, Decision.DENY, by="t", reason="no")) == 1


def test_a_pause_does_not_make_a_task_forget_that_it_waits_for_an_approval(rig: Rig) -> None:
    task = rig.submit("ask")
    rig.run_all()
    rig.control.pause(task, by="t")
    rig.control.resume(task, by="t")
    assert rig.catalog.summary(task).status is Status.WAITING
    assert rig.run_all() == 0
    rig.control.pause(task, by="t")
    rig.control.resolve(task, None, Decision.ALLOW, by="t")
    assert rig.catalog.summary(task).status is Status.PAUSED


def test_nothing_can_be_asked_of_a_task_that_does_not_exist(rig: Rig) -> None:
    for ask in (rig.control.cancel, rig.control.pause, rig.control.resume, rig.control.retry):
        with pytest.raises(NoSuchTask):
            ask("none", by="t")


def test_many_requests_at_once_leave_one_clear_state(rig: Rig) -> None:
    task = rig.submit()

    def ask(number: int) -> None:
        wanted = (rig.control.pause, rig.control.resume)[number % 2]
        wanted(task, by=str(number))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(ask, range(40)))
    events = rig.store.events(task)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    kinds = [event.body.type for event in events[1:]]
    assert all(one != other for one, other in pairwise(kinds))
    paused = rig.store.state(task).paused
    assert rig.catalog.summary(task).status is (Status.PAUSED if paused else Status.QUEUED)
