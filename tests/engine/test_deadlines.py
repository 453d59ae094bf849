"""A task that waits for a person ends by itself when the moment has passed by which it was wanted."""

import time

import pytest
from sqlalchemy import text

from agent.engine.deadlines import expire
from agent.protocol.outcome import Outcome
from agent.protocol.policy import Decision
from agent.protocol.summary import Status
from tests.engine.rig import Rig

PAST, FUTURE = int(time.time()) - 5, int(time.time()) + 3600


def test_a_question_that_nobody_answered_in_time_ends_its_task(rig: Rig) -> None:
    late, early, timeless = (rig.submit("ask", deadline=when) for when in (PAST, FUTURE, None))
    rig.run_all()
    assert rig.catalog.summary(late).status is Status.WAITING

    (end,) = expire(rig.store)

    assert (end.task_id, end.step_key, end.body.type) == (late, "finish", "TaskFinished")
    summary = rig.catalog.summary(late)
    assert (summary.status, summary.outcome) == (Status.FINISHED, Outcome.BUDGET)
    assert "before anybody answered" in summary.reason
    assert [rig.catalog.summary(each).status for each in (early, timeless)] == [Status.WAITING] * 2
    assert expire(rig.store) == []


def test_a_pause_that_lasts_beyond_the_deadline_ends_the_task(rig: Rig) -> None:
    task = rig.submit(deadline=PAST)
    rig.control.pause(task, by="t")
    expire(rig.store)
    assert "paused" in rig.catalog.summary(task).reason
    rig.control.retry(task, by="t")
    assert expire(rig.store) == []


@pytest.mark.parametrize("command", [None, "ask"])
def test_whoever_works_on_a_late_task_ends_it_himself(rig: Rig, command: str | None) -> None:
    task = rig.submit(command, deadline=PAST)
    lease = rig.queue().claim(rig.owner())
    assert lease is not None
    rig.control.pause(task, by="t")
    assert expire(rig.store) == []
    rig.queue().release(lease)
    assert [event.task_id for event in expire(rig.store)] == [task]


def test_an_answer_that_came_first_counts(rig: Rig) -> None:
    task = rig.submit("ask", deadline=PAST)
    rig.run_all()
    rig.control.resolve(task, None, Decision.ALLOW, by="t")
    assert expire(rig.store) == []
    assert rig.catalog.summary(task).status is Status.QUEUED


def test_tables_without_a_deadline_are_made_again_from_the_events(rig: Rig) -> None:
    task = rig.submit("ask", deadline=PAST)
    rig.run_all()
    with rig.database.write() as connection:
        connection.execute(text("UPDATE meta SET value = '1' WHERE name = 'views'"))
        connection.execute(text("DROP INDEX tasks_due"))
        connection.execute(text("ALTER TABLE tasks DROP COLUMN deadline"))
    assert rig.database.create_tables() == 1
    assert [event.task_id for event in expire(rig.store)] == [task]
