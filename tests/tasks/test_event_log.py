from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.protocol.errors import UsageError
from agent.protocol.event import EditsRefused, TaskSubmitted
from agent.protocol.task import TaskKind, TaskSpec
from agent.tasks.event_log import EventLog, LogBroken

SUBMITTED = TaskSubmitted(spec=TaskSpec(kind=TaskKind.FIX, repository="/r"))


@pytest.fixture
def log(tmp_path: Path) -> EventLog:
    return EventLog.create(tmp_path)


def test_events_come_back_in_the_order_they_were_appended(log: EventLog) -> None:
    first = log.append("submit", SUBMITTED)
    second = log.append("apply:1", EditsRefused(reason="no match"))

    assert list(log.events()) == [first, second]
    assert [event.seq for event in log.events()] == [1, 2]


def test_a_recorded_step_is_never_recorded_again(log: EventLog) -> None:
    first = log.append("apply:1", EditsRefused(reason="first"))
    again = log.append("apply:1", EditsRefused(reason="second"))

    assert again == first
    assert len(list(log.events())) == 1


def test_a_line_torn_by_a_crash_is_ignored_and_overwritten(log: EventLog) -> None:
    first = log.append("submit", SUBMITTED)
    with log.path.open("ab") as file:
        file.write(b'{"seq": 2, "task_')

    assert list(log.events()) == [first]
    second = log.append("apply:1", EditsRefused(reason="no match"))
    assert list(log.events()) == [first, second]


def test_a_damaged_line_in_the_middle_is_reported_with_its_number(log: EventLog) -> None:
    log.append("submit", SUBMITTED)
    log.path.write_bytes(b"not json\n" + log.path.read_bytes())

    with pytest.raises(LogBroken, match="line 1"):
        list(log.events())


def test_appends_from_many_threads_lose_nothing_and_number_without_gaps(log: EventLog) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: log.append(f"apply:{n}", EditsRefused(reason=str(n))), range(40)))

    assert [event.seq for event in log.events()] == list(range(1, 41))


def test_the_log_of_a_task_is_private_to_its_user(log: EventLog) -> None:
    assert log.directory.stat().st_mode & 0o077 == 0


def test_an_unknown_task_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        EventLog.open(tmp_path, "20260101-000000-dead")
