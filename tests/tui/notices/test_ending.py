"""Only what this session is about is told of, and each end and question once."""

from typing import Any

import pytest

from agent.protocol.outcome import Outcome
from agent.protocol.summary import Status, TaskSummary
from agent.protocol.task import TaskKind
from tui.notices.ending import Endings

BEGAN, HERE = 1000, "/home/ann/stack"


def task(status: Status, **more: Any) -> TaskSummary:
    known = {"task_id": "t", "kind": TaskKind.FIX, "repository": HERE, "priority": 100, "seq": 1}
    return TaskSummary(
        **{**known, "created_at": BEGAN + 5, "updated_at": BEGAN + 5, "status": status, **more}
    )


def test_a_task_of_this_session_is_told_of_when_it_asks_and_when_it_ends_and_not_again() -> None:
    endings = Endings(BEGAN, frozenset({HERE}))
    ended = task(Status.FINISHED, outcome=Outcome.NOT_REPRODUCED, reason="nothing fails")
    heard = [task(Status.RUNNING), task(Status.WAITING), task(Status.WAITING), ended, ended]
    told = [notice for notice in map(endings.hear, heard) if notice is not None]
    assert [(one.title, one.text, one.asks, one.good) for one in told] == [
        ("fix in stack asks", "", True, False),
        ("fix in stack: not reproduced", "nothing fails", False, False),
    ]


def test_a_task_that_ended_before_it_was_seen_is_told_of() -> None:
    notice = Endings(BEGAN, frozenset()).hear(task(Status.FINISHED, outcome=Outcome.VERIFIED))
    assert notice is not None and notice.good


@pytest.mark.parametrize(
    "other", [{"created_at": BEGAN - 1}, {"repository": "/home/ann/other"}], ids=["older", "elsewhere"]
)
def test_what_is_not_of_this_session_is_told_of_only_once_it_was_opened(other: dict[str, Any]) -> None:
    endings = Endings(BEGAN, frozenset({HERE}))
    assert endings.hear(task(Status.RUNNING, **other)) is None
    assert endings.hear(task(Status.WAITING, **other)) is None
    endings.opened("t")
    assert endings.hear(task(Status.FINISHED, outcome=Outcome.DONE, **other)) is not None


def test_what_had_ended_before_the_session_is_not_told_of_even_when_it_is_opened() -> None:
    endings = Endings(BEGAN, frozenset({HERE}))
    endings.opened("t")
    assert endings.hear(task(Status.FINISHED, outcome=Outcome.DONE, created_at=BEGAN - 100)) is None
