"""Events are appended once, in order, whoever asks and however many ask at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from agent.engine.database import Database
from agent.engine.errors import LeaseLost, LogUnreadable, NoSuchTask
from agent.engine.lease import Lease
from agent.engine.schema import BLOBS, ENGINE_TABLES, EVENTS, METADATA
from agent.engine.store import Created, TaskStore
from agent.protocol.control import GroupsSplit, PauseRequested
from agent.protocol.errors import UsageError
from agent.protocol.event import EditsRefused, LocationsRanked, UnknownEvent
from agent.protocol.proposal import Suspect
from agent.protocol.summary import Status
from agent.protocol.task import TaskKind, TaskSpec
from tests.engine.rig import Rig
from tests.engine.stories import wait_until

SPEC = TaskSpec(kind=TaskKind.FIX, repository="/r")


def test_a_step_is_recorded_once_however_many_record_it_at_the_same_time(rig: Rig) -> None:
    task = rig.submit()
    stores = [TaskStore(Database.open(rig.place)) for _ in range(4)]

    def append(number: int) -> str:
        body = EditsRefused(reason=str(number))
        recorded = stores[number % 4].append(task, f"step:{number // 8}", body).body
        assert isinstance(recorded, EditsRefused)
        return recorded.reason

    with ThreadPoolExecutor(8) as threads:
        returned = list(threads.map(append, range(64)))
    events = rig.store.events(task)
    assert [event.seq for event in events] == list(range(1, 10))
    assert sorted(event.step_key for event in events) == [f"step:{n}" for n in range(8)] + ["submit"]
    assert len(set(returned)) == 8
    for store in stores:
        store.database.close()


def test_a_task_that_many_ask_for_with_one_key_is_made_once(rig: Rig) -> None:
    stores = [TaskStore(Database.open(rig.place)) for _ in range(4)]
    with ThreadPoolExecutor(8) as threads:
        asked = list(threads.map(lambda n: stores[n % 4].create(SPEC, keys=(f"key-{n // 8}",)), range(64)))
    assert len({created.task_id for created in asked}) == 8
    assert sum(created.fresh for created in asked) == 8
    assert len(rig.catalog.page().tasks) == 8
    for store in stores:
        store.database.close()


def test_any_known_key_leads_to_the_task_and_takes_the_new_ones_with_it(rig: Rig) -> None:
    made = rig.store.create(SPEC, keys=("delivery", "body"))
    again = rig.store.create(SPEC, keys=("delivery-2", "body"))
    by_the_new_one = rig.store.create(SPEC, keys=("delivery-2",))
    assert made.fresh
    assert (again, by_the_new_one) == (Created(made.task_id, fresh=False),) * 2


def test_of_keys_that_lead_to_different_tasks_the_first_counts(rig: Rig) -> None:
    one = rig.store.create(SPEC, keys=("one",)).task_id
    two = rig.store.create(SPEC, keys=("two",)).task_id
    assert rig.store.create(SPEC, keys=("new", "two", "one")).task_id == two
    found = [rig.store.create(SPEC, keys=(key,)).task_id for key in ("new", "one", "two")]
    assert found == [two, one, two]


def test_keys_that_overlap_in_any_order_make_one_task(rig: Rig) -> None:
    stores = [TaskStore(Database.open(rig.place)) for _ in range(4)]
    names = [f"k{number}" for number in range(6)]

    def create(number: int) -> Created:
        return stores[number % 4].create(SPEC, keys=("all", *names[number % 6 :], *names[: number % 6]))

    with ThreadPoolExecutor(8) as threads:
        asked = list(threads.map(create, range(32)))
    assert len({created.task_id for created in asked}) == 1
    assert sum(created.fresh for created in asked) == 1
    for store in stores:
        store.database.close()


def test_a_task_with_a_chosen_id_is_made_once_together_with_its_facts(rig: Rig) -> None:
    facts = (("locate", LocationsRanked(suspects=())), ("split", GroupsSplit(children=())))
    first = rig.store.create(SPEC, task_id="t-2", facts=facts)
    again = rig.store.create(SPEC, task_id="t-2", facts=facts)
    assert (first.task_id, first.fresh, again.task_id, again.fresh) == ("t-2", True, "t-2", False)
    assert rig.steps("t-2") == ["submit", "locate", "split"]
    assert rig.catalog.summary("t-2").seq == 3


def test_a_key_still_leads_to_its_task_when_all_rows_are_gone(rig: Rig) -> None:
    made = rig.store.create(SPEC, keys=("k",))
    with rig.database.write() as connection:
        METADATA.drop_all(connection, tables=list(ENGINE_TABLES))
    rig.store.rebuild()
    assert rig.store.create(SPEC, keys=("k",)).task_id == made.task_id


def test_rows_that_are_gone_are_made_again_as_they_were(rig: Rig) -> None:
    tasks = [rig.submit(steps=n, priority=n, parent="p" if n else None) for n in range(5)]
    rig.run_all()
    rig.control.retry(tasks[1], by="test")
    rig.control.pause(tasks[1], by="test")
    before = {task: rig.catalog.summary(task) for task in tasks}
    with rig.database.write() as connection:
        for table in ENGINE_TABLES:
            connection.execute(table.delete())
    assert rig.store.rebuild() == 5
    assert {task: rig.catalog.summary(task) for task in tasks} == before
    assert before[tasks[1]].status is Status.PAUSED
    assert rig.store.rebuild() == 0


def test_a_task_whose_row_is_gone_can_be_asked_for_and_written_to_at_once(rig: Rig) -> None:
    task = rig.submit()
    with rig.database.write() as connection:
        connection.execute(ENGINE_TABLES[0].delete())
    assert rig.catalog.summary(task).status is Status.QUEUED
    with rig.database.write() as connection:
        connection.execute(ENGINE_TABLES[0].delete())
    assert rig.control.pause(task, by="test")[0].seq == 2
    assert rig.catalog.summary(task).status is Status.PAUSED


def test_a_large_body_is_kept_once_and_read_back_as_it_was(rig: Rig) -> None:
    suspects = tuple(Suspect(path=f"p{n}.py", line=n, score=0.5, reason="é\x00🙂") for n in range(2000))
    first, second = rig.submit(), rig.submit()
    for task in (first, second):
        rig.store.append(task, "locate", LocationsRanked(suspects=suspects))
    assert rig.store.state(first).suspects == rig.store.state(second).suspects == suspects
    with rig.database.read() as connection:
        assert len(connection.execute(select(BLOBS.c.hash)).all()) == 1
        bodies = connection.scalars(select(EVENTS.c.body).where(EVENTS.c.step_key == "locate"))
        assert set(bodies) == {None}


def test_an_owner_that_lost_its_lease_records_nothing(rig: Rig) -> None:
    task = rig.submit()
    with pytest.raises(LeaseLost):
        rig.store.append(task, "step", EditsRefused(reason="x"), lease=Lease(task, "old", "somebody"))
    with pytest.raises(LeaseLost):
        rig.store.create(SPEC, task_id="child", lease=Lease(task, "old", "somebody"))
    assert rig.steps(task) == ["submit"]
    with pytest.raises(NoSuchTask):
        rig.store.events("child")


def test_events_after_a_number_are_the_newer_ones_whatever_the_number(rig: Rig) -> None:
    task = rig.submit()
    rig.store.append(task, "a", PauseRequested(by="test"))
    assert [event.seq for event in rig.store.events(task, after=1)] == [2]
    assert rig.store.events(task, after=10**30) == []
    assert len(rig.store.events(task, after=-(10**30))) == 2


@pytest.mark.parametrize("task", ["no-such-task", "", "a\x00b", "'; DROP TABLE tasks; --"])
def test_a_task_that_does_not_exist_is_said_not_to(rig: Rig, task: str) -> None:
    for ask in (rig.store.events, rig.store.state, rig.catalog.summary, rig.catalog.view):
        with pytest.raises(UsageError):
            ask(task)


def test_text_that_the_database_cannot_keep_is_the_callers_mistake(rig: Rig) -> None:
    with pytest.raises(UsageError, match="NUL"):
        rig.submit(parent="a\x00b")
    assert rig.catalog.page().tasks == ()


def test_an_event_of_a_newer_version_is_kept_as_it_is(rig: Rig) -> None:
    task = rig.submit()
    body = UnknownEvent(type="PlanAgreed", data={"steps": [1, 2]})
    rig.store.append(task, "plan", body)  # type: ignore[arg-type]
    assert rig.store.events(task)[1].body == body


def test_a_log_with_a_damaged_event_is_named_and_left_as_it_is(rig: Rig) -> None:
    task = rig.submit()
    rig.store.append(task, "a", EditsRefused(reason="x"))
    damaged = EVENTS.c.seq == 2
    with rig.database.write() as connection:
        connection.execute(EVENTS.update().where(damaged).values(body='{"type": "EditsRefused"}'))
    with pytest.raises(LogUnreadable, match=f"event 2 of task {task}"):
        rig.store.state(task)


def test_a_task_of_a_damaged_log_stops_nobody_elses(rig: Rig) -> None:
    bad = rig.submit(priority=0)
    with rig.database.write() as connection:
        connection.execute(EVENTS.update().values(body="no JSON"))
    good = rig.submit()
    rig.start()
    rig.wait_for(good)
    wait_until(lambda: rig.catalog.summary(bad).status is Status.QUEUED)
