"""Tasks of every kind, while answers get lost and publishers are killed: each thing is there once.

A run is one task. `make test` has 30 of them, `make test-long` 2,000, of which a fifth on PostgreSQL.
"""

import random
import signal
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind
from tests.forge.faults import Fault
from tests.postgres import Cluster, running_cluster
from tests.publishing.counting import counted, expected
from tests.publishing.mortal import CALLS, Death, Seat, publish
from tests.publishing.site import Site, open_site

KINDS = {
    "fix": (TaskKind.FIX, "pull", Outcome.VERIFIED, expected()),
    "do": (TaskKind.DO, "issue", Outcome.VERIFIED, expected(check=0, review=0, pull=1)),
    "verify": (TaskKind.VERIFY, "pushed", Outcome.BROKEN, expected(branch=0, review=0)),
    "ask": (TaskKind.ASK, "pull", Outcome.DONE, expected(sticky=0, check=0, review=0, branch=0, comment=1)),
    "review": (TaskKind.REVIEW, "pull", Outcome.DONE, expected(branch=0)),
}
OFTEN = {"fix": 1, "do": 1, "verify": 5, "ask": 4, "review": 5}
"""Git takes longer than everything else together."""
LOST = (Fault.CUT_AFTER, Fault.BAD_GATEWAY_AFTER, Fault.TRUNCATED_AFTER, Fault.RESET, Fault.BAD_GATEWAY)
REFUSED = (Fault.SECONDARY, Fault.SECONDARY_429, Fault.SECONDARY_BARE, Fault.PRIMARY, Fault.GARBAGE_AFTER)
_REQUESTS = 20
_A_SITE = 100
"""Runs on one repository: its lists get longer."""
STOP = threading.Event()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Return a PostgreSQL server."""
    with running_cluster() as running:
        yield running


def test_whatever_answers_are_lost_each_thing_is_there_once(tmp_path: Path) -> None:
    lose_answers(tmp_path, 25)


def test_whenever_publishers_are_killed_each_thing_is_there_once(tmp_path: Path) -> None:
    kill_publishers(tmp_path, 5)


@pytest.mark.long
def test_of_1200_tasks_each_thing_is_there_once_whatever_answers_are_lost(tmp_path: Path) -> None:
    lose_answers(tmp_path, 1200)


@pytest.mark.long
def test_of_400_tasks_each_thing_is_there_once_whenever_publishers_are_killed(tmp_path: Path) -> None:
    kill_publishers(tmp_path, 400)


@pytest.mark.long
def test_on_postgresql_each_thing_of_400_tasks_is_there_once(tmp_path: Path, cluster: Cluster) -> None:
    lose_answers(tmp_path, 300, cluster.create(uuid.uuid4().hex))
    kill_publishers(tmp_path, 100, cluster.create(uuid.uuid4().hex))


def lose_answers(folder: Path, runs: int, place: str | None = None) -> None:
    """Show tasks to a forge of which some answers are lost, late or a refusal for some time."""
    met, chance = 0, random.Random(runs)
    for number, site in _sites(folder, runs, place):
        task, wanted = _task(site, chance)
        for _ in range(chance.randint(1, 3)):
            _spoil(site, chance)
        publisher = site.publisher()
        while site.publications.backlog().tasks:
            while publisher.show_next(STOP):
                pass
            site.clock.now += site.publications.backlog().seconds or 0.0
        met += len(site.fake.faults.used)
        site.fake.faults.used.clear()
        site.fake.faults.clear()
        _check(site, task, wanted, number)
    print(f"{runs} tasks, {met} answers lost")
    assert met > runs / 2


def kill_publishers(folder: Path, runs: int, place: str | None = None) -> None:
    """Show tasks by processes that die at some moment; two of them at a time, now and then."""
    killed, chance = 0, random.Random(runs)
    for number, site in _sites(folder, runs, place):
        task, wanted = _task(site, chance)
        seat = Seat(site.place, site.owners, site.config, site.fake.environ)
        for _ in range(chance.randint(1, 2)):
            death = Death(chance.choice(list(CALLS)), chance.randint(1, 4))
            ended = publish(seat, death, at_once=chance.choice((1, 1, 1, 2)))
            killed += ended.count(-signal.SIGKILL)
            assert set(ended) <= {0, -signal.SIGKILL}
        while site.publications.backlog().tasks:
            assert publish(seat) == [0]
        _check(site, task, wanted, number)
    print(f"{runs} tasks, {killed} publishers killed")
    assert killed > runs / 3


def _sites(folder: Path, runs: int, place: str | None) -> Iterator[tuple[int, Site]]:
    for first in range(0, runs, _A_SITE):
        name = f"{'postgresql' if place else 'sqlite'}-{uuid.uuid4().hex}"
        with open_site(folder / name, place) as site:
            yield from ((number, site) for number in range(first, min(runs, first + _A_SITE)))


def _task(site: Site, chance: random.Random) -> tuple[str, dict[str, int]]:
    kind, place, outcome, wanted = KINDS[chance.choices(list(OFTEN), list(OFTEN.values()))[0]]
    failures = chance.choice((0, 0, 60, 120)) if kind is TaskKind.VERIFY else 0
    return site.task(kind, place, outcome, failures=failures), wanted


def _spoil(site: Site, chance: random.Random) -> None:
    fault = chance.choice((*LOST, *REFUSED))
    # What git is answered has none of the signs of a limit.
    path = "*" if fault in LOST else "/repos/*"
    # Half a diff with the length of a half is a diff for whoever reads it; half of JSON is none.
    method, most = ("POST", 4) if fault is Fault.GARBAGE_AFTER else ("*", _REQUESTS)
    seconds = chance.randint(1, 90)
    site.fake.faults.add(fault, method=method, path=path, skip=chance.randrange(most), seconds=seconds)


def _check(site: Site, task: str, wanted: dict[str, int], number: int) -> None:
    assert counted(site, task) == wanted, f"run {number}"
    assert site.shown(task).is_shown
    assert site.fake.overlaps == []
    for check in site.repository.checks():
        titles = [note["title"] for note in check.annotations]
        assert len(titles) == len(set(titles)) or check.external_id != task
        assert check.status == "completed"
    # The forge looks after all that are open whenever a branch moves.
    for pull in site.repository.pulls():
        if pull.state == "open":
            site.repository.close(pull.number)
