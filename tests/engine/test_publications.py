"""Tasks from a forge are shown there by one owner a repository, and none is forgotten."""

import subprocess
import sys
from dataclasses import replace

import pytest
from sqlalchemy import inspect, select, text

from agent.engine import migrations
from agent.engine.database import Database
from agent.engine.errors import LeaseLost
from agent.engine.lease import ForgeLease
from agent.engine.outbox import Outbox, made_by
from agent.engine.pace import Pace
from agent.engine.publications import EFFECT, Publications
from agent.engine.retention import Keep, prune
from agent.engine.schema import MAX_TRIES, PUBLICATIONS
from agent.protocol.event import LocationsRanked, TaskFinished, TriggerAdmitted
from agent.protocol.forge import Admission, Happened, Permission, PullRequest, Trigger, Verb
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind, TaskSpec
from tests.engine.rig import SWIFT, Rig
from tests.engine.stories import wait_until

END = TaskFinished(outcome=Outcome.NO_PATCH, reason="x")


class Clock:
    """Seconds since the epoch as a test wants them."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        """Return them."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still."""
    return Clock()


@pytest.fixture
def publications(rig: Rig, clock: Clock) -> Publications:
    """Return those of the rig's database."""
    return Publications(rig.database, rig.folder / "publishers", SWIFT, clock)


def _submit(rig: Rig, repository: str = "acme/shop", number: int | None = 1) -> str:
    trigger = Trigger(
        happened=Happened.COMMENT, verb=Verb.FIX, repository=repository, number=number, actor="ann"
    )
    spec = TaskSpec(kind=TaskKind.FIX, repository=f"github:{repository}", trigger=trigger)
    return rig.store.create(spec).task_id


def _claim(rig: Rig, publications: Publications) -> ForgeLease:
    lease = publications.claim(rig.owner())
    assert lease is not None
    return lease


def _rows(rig: Rig) -> int:
    with rig.database.read() as connection:
        return len(connection.execute(select(PUBLICATIONS.c.number)).all())


def _due(publications: Publications, lease: ForgeLease) -> list[str]:
    return [due.task_id for due in publications.due(lease)]


def test_a_task_without_a_trigger_is_never_to_be_shown(rig: Rig, publications: Publications) -> None:
    task = rig.submit()
    rig.store.append(task, "finish", END)
    assert _rows(rig) == 0
    assert publications.claim(rig.owner()) is None
    assert publications.of(task) is None
    assert publications.backlog().tasks == 0


def test_a_task_is_due_with_each_event_that_matters_until_it_is_shown(
    rig: Rig, publications: Publications
) -> None:
    task = _submit(rig)
    lease = _claim(rig, publications)
    assert _due(publications, lease) == [task]
    publications.shown(lease, task, 1)
    assert _due(publications, lease) == []
    rig.store.append(task, "localize", LocationsRanked(suspects=()))
    assert _due(publications, lease) == []
    rig.store.append(task, "finish", END)
    assert _due(publications, lease) == [task]
    publications.shown(lease, task, 3)
    assert publications.of(task) is not None
    assert publications.backlog().tasks == 0


def test_a_task_at_work_rests_between_two_looks_and_its_end_does_not_wait(
    rig: Rig, publications: Publications, clock: Clock
) -> None:
    task = _submit(rig)
    lease = _claim(rig, publications)
    publications.shown(lease, task, 1, rest=3.0)
    admission = Admission(permission=Permission.WRITE)
    spec = rig.store.state(task).spec
    assert spec is not None
    rig.store.append(task, "admit", TriggerAdmitted(admission=admission, spec=spec))
    assert _due(publications, lease) == []
    clock.now += 3
    assert _due(publications, lease) == [task]
    publications.shown(lease, task, 2, rest=3.0)
    rig.store.append(task, "finish", END)
    assert _due(publications, lease) == [task]


def test_what_ends_while_it_is_being_shown_does_not_wait_either(rig: Rig, publications: Publications) -> None:
    task = _submit(rig)
    lease = _claim(rig, publications)
    rig.store.append(task, "finish", END)
    publications.shown(lease, task, 1, rest=3.0)
    assert _due(publications, lease) == [task]


def test_a_repository_has_one_owner_and_whoever_waits_longest_is_next(
    rig: Rig, publications: Publications
) -> None:
    for repository in ("acme/shop", "acme/bank", "Acme/Shop"):
        _submit(rig, repository)
    first, second = _claim(rig, publications), _claim(rig, publications)
    assert (first.repository, second.repository) == ("acme/shop", "acme/bank")
    assert publications.claim(rig.owner()) is None
    assert len(publications.due(first)) == 2
    for lease in (second, first):
        assert publications.release(lease)
    assert _claim(rig, publications).repository == "acme/shop"


def test_a_repository_that_rests_is_not_given_out_before_its_time(
    rig: Rig, publications: Publications, clock: Clock
) -> None:
    task = _submit(rig)
    lease = _claim(rig, publications)
    publications.rest(lease, 60.0, "the forge is busy")
    publications.release(lease)
    assert publications.claim(rig.owner()) is None
    backlog = publications.backlog()
    assert (backlog.tasks, backlog.held, backlog.seconds) == (1, 0, 60.0)
    found = publications.of(task)
    assert found is not None
    assert found.problem == "the forge is busy"
    clock.now += 60
    assert _claim(rig, publications).repository == "acme/shop"


def test_a_task_that_is_tried_too_often_is_left_until_its_next_event(
    rig: Rig, publications: Publications, clock: Clock
) -> None:
    bad, good = _submit(rig), _submit(rig)
    lease = _claim(rig, publications)
    for _ in range(MAX_TRIES):
        due = next(due for due in publications.due(lease) if due.task_id == bad)
        publications.begin(lease, due)
        assert _due(publications, lease)[0] == good
    assert _due(publications, lease) == [good]
    left = publications.of(bad)
    assert left is not None
    assert left.is_left
    assert "ended in the middle" in left.problem
    rig.store.append(bad, "finish", END)
    assert set(_due(publications, lease)) == {bad, good}


def test_what_is_the_forge_s_fault_is_never_left(rig: Rig, publications: Publications) -> None:
    task = _submit(rig)
    lease = _claim(rig, publications)
    for _ in range(3 * MAX_TRIES):
        (due,) = publications.due(lease)
        publications.begin(lease, due)
        publications.suspect(lease, task, "no answer")
    publications.excuse(lease, task)
    publications.got_on(lease, task)
    assert publications.due(lease)[0].tries == 0


def test_a_lost_lease_changes_nothing(rig: Rig, publications: Publications) -> None:
    task = _submit(rig)
    lease = _claim(rig, publications)
    publications.release(lease)
    assert _claim(rig, publications).token != lease.token
    for change in (
        lambda: publications.shown(lease, task, 1),
        lambda: publications.rest(lease, 1.0, "x"),
        lambda: Outbox(rig.database, lease).check_fence(),
        lambda: Outbox(rig.database, lease).once("forge", {}, find=lambda: None, act=dict),
    ):
        with pytest.raises(LeaseLost):
            change()
    assert not publications.release(lease)
    found = publications.of(task)
    assert found is not None
    assert not found.is_shown


def test_the_repository_of_a_dead_publisher_is_free_at_once(rig: Rig, publications: Publications) -> None:
    _submit(rig)
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from agent.engine.database import Database; from agent.engine.lease import Owner\n"
        "from agent.engine.publications import Publications\n"
        "place = sys.argv[1] if '://' in sys.argv[1] else Path(sys.argv[1])\n"
        "owners = Path(sys.argv[2])\n"
        "assert Publications(Database.open(place), owners).claim(Owner(owners))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    command = [sys.executable, "-c", code, str(rig.place), str(rig.folder / "publishers")]
    subprocess.run(command, check=False)
    assert publications.claim(rig.owner()) is None
    assert publications.recover() == ("acme/shop",)
    assert _claim(rig, publications).repository == "acme/shop"


def test_the_repository_of_a_silent_publisher_is_free_after_a_while(rig: Rig) -> None:
    publications = Publications(rig.database, rig.folder / "publishers", Pace(silent=0.4))
    _submit(rig)
    lease = _claim(rig, publications)
    assert publications.recover() == ()
    wait_until(lambda: publications.recover() == ("acme/shop",))
    assert not publications.release(lease)


def test_later_tasks_of_a_place_are_known_also_when_only_the_forge_knows_the_place(
    rig: Rig, publications: Publications
) -> None:
    first, run, other = _submit(rig), _submit(rig, number=None), _submit(rig, number=2)
    assert publications.later(first) == []
    spec = rig.store.state(run).spec
    assert spec is not None
    pull = PullRequest(
        number=1,
        title="x",
        author="bob",
        open=True,
        head="a" * 40,
        head_branch="x",
        head_repository="acme/shop",
        base="b" * 40,
        base_branch="main",
    )
    admission = Admission(permission=Permission.WRITE, pull=pull)
    rig.store.append(run, "admit", TriggerAdmitted(admission=admission, spec=spec))
    assert publications.later(first) == [run]
    assert publications.later(other) == []


def test_the_effects_of_a_task_are_known_by_the_names_that_they_were_given(
    rig: Rig, publications: Publications
) -> None:
    task = _submit(rig)
    lease = replace(_claim(rig, publications), task_id=task)
    outbox = Outbox(rig.database, lease)
    for name in ("eyes", "2/check:end"):
        outbox.once(EFFECT, {"of": name}, find=lambda: None, act=lambda: {"id": 1}, key=name)
    with pytest.raises(OSError, match="lost"):
        outbox.once(EFFECT, {}, find=lambda: None, act=_fail, key="push")
    assert made_by(rig.database, task, EFFECT) == {"eyes": {"id": 1}, "2/check:end": {"id": 1}}


def _fail() -> dict[str, object]:
    raise OSError("lost")


def test_a_forgotten_task_is_not_shown_any_more(rig: Rig, publications: Publications) -> None:
    task = _submit(rig)
    rig.store.append(task, "finish", END)
    prune(rig.database, Keep(days=None, bytes=0))
    assert _rows(rig) == 0
    assert publications.claim(rig.owner()) is None


def test_a_database_from_before_there_were_forges_is_brought_up(rig: Rig) -> None:
    task = rig.submit()
    with rig.database.write() as connection:
        for name in ("publications", "forges"):
            connection.execute(text(f"DROP TABLE {name}"))
        connection.execute(text("UPDATE meta SET value = '1' WHERE name = 'schema'"))
        connection.execute(text("UPDATE meta SET value = '3' WHERE name = 'views'"))
    opened = Database.open(rig.place)
    with opened.read() as connection:
        assert {"publications", "forges"} <= set(inspect(connection).get_table_names())
        assert migrations.is_current(connection)
    opened.close()
    _submit(rig)
    assert _rows(rig) == 1
    assert rig.steps(task) == ["submit"]
