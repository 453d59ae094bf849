"""Whose turn it is, who may have it, and when it is taken away again."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.engine import sightings
from agent.engine.lease import Lease, Owner, Signal, dead_owners, is_dead
from agent.engine.queue import Queue
from agent.engine.sightings import Sightings
from tests.engine.rig import Rig


def _taken(queue: Queue, owner: Owner) -> list[str]:
    """Take tasks until there is none, and return their ids."""
    leases = iter(lambda: queue.claim(owner), None)
    return [lease.task_id for lease in leases if lease is not None]


def test_the_lower_priority_number_goes_first_and_then_the_older_task(rig: Rig) -> None:
    late, first, second, urgent = (rig.submit(priority=p) for p in (200, 100, 100, 0))
    assert _taken(rig.queue(per_repository=9), rig.owner()) == [urgent, first, second, late]


def test_a_changed_priority_changes_the_turn(rig: Rig) -> None:
    first, second = rig.submit(), rig.submit()
    rig.control.prioritize(second, 1, by="test")
    assert _taken(rig.queue(), rig.owner()) == [second, first]


def test_repositories_take_turns_however_many_tasks_one_of_them_has(rig: Rig) -> None:
    many = [rig.submit(repository="/many") for _ in range(4)]
    few = [rig.submit(repository="/few") for _ in range(2)]
    third = rig.submit(repository="/third")
    order = _taken(rig.queue(per_repository=9), rig.owner())
    assert order == [many[0], few[0], third, many[1], few[1], many[2], many[3]]


def test_a_repository_has_no_more_tasks_in_work_than_it_may(rig: Rig) -> None:
    tasks = [rig.submit(repository="/r") for _ in range(4)]
    queue, owner = rig.queue(per_repository=2), rig.owner()
    leases = [queue.claim(owner) for _ in range(3)]
    assert [lease.task_id for lease in leases if lease] == tasks[:2]
    assert queue.waiting() == 0
    assert leases[0] is not None
    queue.release(leases[0])
    assert queue.waiting() == 3
    assert queue.claim(owner) is not None
    assert queue.claim(owner) is None


def test_the_limit_of_a_repository_holds_when_many_claim_at_once(rig: Rig) -> None:
    for n in range(12):
        rig.submit(repository=f"/r{n % 2}")
    rigs = [Rig(rig.place, rig.folder) for _ in range(6)]
    owner = rig.owner()
    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(lambda one: _taken(one.queue(per_repository=3), owner), rigs))
    claimed = [task for tasks in taken for task in tasks]
    assert len(claimed) == len(set(claimed)) == 6
    of = [rig.catalog.summary(task).repository for task in claimed]
    assert of.count("/r0") == of.count("/r1") == 3
    for one in rigs:
        one.close()


def test_a_task_of_another_machines_path_is_left_to_that_machine(rig: Rig) -> None:
    there = rig.submit(machine="there")
    anywhere = rig.submit()
    owner = rig.owner()
    assert _taken(rig.queue(machine="here"), owner) == [anywhere]
    assert _taken(rig.queue(machine="there"), owner) == [there]


def test_an_owner_that_asks_for_its_own_tasks_gets_no_others(rig: Rig) -> None:
    rig.submit()
    mine = rig.submit()
    assert _taken(rig.queue(only=[mine]), rig.owner()) == [mine]
    assert rig.queue(only=[]).waiting() == 0


def test_a_skipped_task_is_left_to_others(rig: Rig) -> None:
    task = rig.submit()
    queue = rig.queue()
    queue.skip(task)
    assert queue.claim(rig.owner()) is None
    assert rig.queue().claim(rig.owner()) is not None


def test_an_owner_yields_to_a_task_of_higher_priority_even_of_its_own_full_repository(rig: Rig) -> None:
    rig.submit(priority=50)
    queue, owner = rig.queue(per_repository=1), rig.owner()
    lease = queue.claim(owner)
    assert lease is not None
    rig.submit(priority=50)
    assert not queue.must_yield(lease)
    rig.submit(priority=49)
    assert queue.must_yield(lease)


def test_an_owner_learns_that_its_task_is_cancelled_paused_or_lost(rig: Rig) -> None:
    task = rig.submit()
    queue = rig.queue()
    lease = queue.claim(rig.owner())
    assert lease is not None
    assert queue.renew(lease) is queue.signal(lease) is Signal.GO_ON
    rig.control.pause(task, by="test")
    assert queue.signal(lease) is Signal.PAUSE
    rig.control.resume(task, by="test")
    assert queue.signal(lease) is Signal.GO_ON
    rig.control.cancel(task, by="test")
    assert queue.renew(lease) is Signal.CANCEL
    queue.release(lease)
    assert queue.renew(lease) is Signal.LOST


def test_only_the_holder_can_give_a_task_back(rig: Rig) -> None:
    task = rig.submit()
    queue, owner = rig.queue(), rig.owner()
    assert queue.claim(owner) is not None
    queue.release(Lease(task, "not the token", owner.name))
    assert queue.waiting() == 0


def test_the_task_of_a_closed_or_living_owner_is_told_from_one_of_a_dead(tmp_path: Path) -> None:
    living, closed, dead = Owner(tmp_path), Owner(tmp_path), Owner(tmp_path)
    closed.close()
    os.close(dead._descriptor)
    assert [is_dead(tmp_path, one.name) for one in (living, closed, dead)] == [False, False, True]
    assert dead_owners(tmp_path) == [dead.name]
    living.close()


def test_a_task_of_a_living_owner_elsewhere_is_kept_as_long_as_it_beats(rig: Rig, tmp_path: Path) -> None:
    rig.submit()
    elsewhere = Owner(tmp_path / "elsewhere")
    queue = rig.queue()
    lease = queue.claim(elsewhere)
    assert lease is not None
    for _ in range(12):
        assert queue.recover() == ()
        queue.renew(lease)
        time.sleep(queue.pace.silent / 10)
    assert queue.signal(lease) is Signal.GO_ON


def test_a_task_of_a_silent_owner_elsewhere_is_freed(rig: Rig, tmp_path: Path) -> None:
    task = rig.submit()
    elsewhere = Owner(tmp_path / "elsewhere")
    queue = rig.queue()
    lease = queue.claim(elsewhere)
    assert lease is not None
    for _ in range(9):
        assert queue.recover() == ()
        time.sleep(queue.pace.silent / 10)
    time.sleep(queue.pace.silent / 5)
    assert queue.recover() == (task,)
    again = queue.claim(elsewhere)
    assert again is not None and again.tries == 2


def test_the_wall_clock_has_no_say_in_leases(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.submit()
    queue = rig.queue()
    lease = queue.claim(rig.owner())
    assert lease is not None
    for jump in (1e9, -1e9, 1e12):
        monkeypatch.setattr(time, "time", lambda jump=jump: 1.8e9 + jump)
        assert queue.recover() == ()
        assert queue.renew(lease) is Signal.GO_ON


def test_a_watcher_that_stood_still_itself_takes_nobody_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(sightings.time, "monotonic", lambda: now)
    seen, beats = Sightings(30.0), {("t", "x"): 7}
    assert seen.silent(beats) == set()
    now += 3600.0
    assert seen.silent(beats) == set()
    for _ in range(29):
        now += 1.0
        assert seen.silent(beats) == set()
    now += 1.0
    assert seen.silent(beats) == {("t", "x")}
