"""A publisher and a forge that is busy or away, other publishers, and bugs of its own."""

import threading
from itertools import pairwise
from pathlib import Path

import pytest

from agent.engine.outbox import Outbox, made_by
from agent.engine.publications import EFFECT
from agent.engine.schema import MAX_TRIES
from agent.protocol.control import RetryRequested
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.publishing.publisher import OPEN_SECONDS, Publisher
from agent.repo.forge.open import open_forge
from tests.forge.faults import Fault
from tests.publishing.counting import counted, expected, stickies
from tests.publishing.site import Site, open_site

STOP = threading.Event()
CHECKED = expected(branch=0, review=0)
"""What a verify leaves."""


def show(site: Site, publisher: Publisher | None = None) -> None:
    """Show whatever is due at this moment."""
    chosen = publisher or site.publisher()
    while chosen.show_next(STOP):
        pass


def verify(site: Site) -> str:
    """Return a verify of a pull request that has ended."""
    return site.task(TaskKind.VERIFY, "pushed", Outcome.BROKEN)


def test_a_task_is_shown_once_and_then_nothing_more_is_asked(site: Site) -> None:
    task = site.task()
    show(site)
    assert counted(site, task) == expected()
    assert site.shown(task).is_shown
    asked = len(site.fake.requests)
    show(site)
    assert len(site.fake.requests) == asked


def test_what_the_forge_does_not_take_is_written_down_and_the_rest_is_made(site: Site) -> None:
    task = site.task()
    site.fake.faults.add(Fault.UNPROCESSABLE, method="POST", path="*/reviews")
    show(site)
    assert "422" in made_by(site.database, task, EFFECT)["review"]["failed"]
    assert counted(site, task) == expected(review=0)
    assert site.shown(task).is_shown


def test_a_pull_request_that_cannot_be_opened_keeps_nothing_else_from_being_shown(site: Site) -> None:
    task = site.task(TaskKind.DO, "issue")
    site.fake.faults.add(Fault.FORBIDDEN, method="GET", path="/repos/acme/shop")
    show(site)
    assert counted(site, task) == expected(check=0, review=0)
    assert "failed" in made_by(site.database, task, EFFECT)["pull"]
    assert site.shown(task).is_shown


def test_a_forge_that_is_busy_is_asked_nothing_before_its_time(own_site: Site) -> None:
    tasks = [verify(own_site), verify(own_site)]
    own_site.fake.faults.add(Fault.SECONDARY, method="POST", path="*/check-runs", seconds=40)
    publisher = own_site.publisher()
    show(own_site, publisher)
    assert own_site.publications.backlog().seconds == pytest.approx(40)
    asked = len(own_site.fake.requests)
    own_site.clock.now += 39
    show(own_site, publisher)
    show(own_site)
    assert len(own_site.fake.requests) == asked
    assert "secondary rate limit" in own_site.shown(tasks[1]).problem
    own_site.clock.now += 1
    show(own_site, publisher)
    assert [counted(own_site, task) for task in tasks] == [CHECKED, CHECKED]
    assert own_site.shown(tasks[0]).problem == ""


def test_a_forge_that_is_away_is_asked_again_with_growing_pauses(own_site: Site) -> None:
    task, publisher, pauses = verify(own_site), own_site.publisher(), list[float]()
    own_site.fake.faults.add(Fault.UNAVAILABLE, times=5)
    while own_site.publications.backlog().tasks:
        show(own_site, publisher)
        pauses.append(own_site.publications.backlog().seconds or 0.0)
        own_site.clock.now += pauses[-1]
    assert all(later == pytest.approx(2 * sooner) for sooner, later in pairwise(pauses[:5]))
    assert counted(own_site, task) == CHECKED


def test_a_task_that_the_forge_never_answers_does_not_keep_the_others_waiting(own_site: Site) -> None:
    bad, good, publisher = verify(own_site), verify(own_site), own_site.publisher()
    own_site.fake.faults.add(Fault.BAD_GATEWAY, path=f"*/pulls/{own_site.number(bad)}", times=1000)
    for _ in range(MAX_TRIES + 3):
        show(own_site, publisher)
        own_site.clock.now += 200
    assert own_site.shown(good).is_shown
    assert not own_site.shown(bad).is_left
    own_site.fake.faults.clear()
    show(own_site, publisher)
    assert counted(own_site, bad) == CHECKED


def test_a_key_that_is_missing_is_no_task_s_fault(own_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    task, publisher = verify(own_site), own_site.publisher(forge=open_forge(own_site.config, None))
    with monkeypatch.context() as without:
        without.delenv("RATCHET_APP_KEY")
        for _ in range(MAX_TRIES + 3):
            show(own_site, publisher)
            own_site.clock.now += 200
        assert "RATCHET_APP_KEY" in own_site.shown(task).problem
    show(own_site, publisher)
    assert counted(own_site, task) == CHECKED


def test_publishers_write_one_after_the_other_and_make_everything_once(own_site: Site) -> None:
    tasks = [verify(own_site) for _ in range(4)]
    threads = [threading.Thread(target=show, args=(own_site, own_site.publisher())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    show(own_site)
    assert [counted(own_site, task) for task in tasks] == [CHECKED] * 4
    assert own_site.fake.overlaps == []


def test_a_publisher_that_lost_its_repository_makes_nothing(
    own_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, check_fence = verify(own_site), Outbox.check_fence

    def after_a_long_stop(self: Outbox) -> None:
        own_site.seize()
        check_fence(self)

    monkeypatch.setattr(Outbox, "check_fence", after_a_long_stop)
    assert own_site.publisher().show_next(STOP)
    assert counted(own_site, task) == dict.fromkeys(CHECKED, 0)
    assert [asked.path for asked in own_site.fake.writes() if "access_tokens" not in asked.path] == []
    assert not own_site.shown(task).is_shown


def test_a_bug_that_one_task_brings_out_stops_neither_the_others_nor_itself_for_good(own_site: Site) -> None:
    bad, good = verify(own_site), verify(own_site)

    def broken(state: TaskState) -> frozenset[str]:
        if state.task_id == bad:
            raise ZeroDivisionError
        return frozenset()

    for _ in range(MAX_TRIES):
        with pytest.raises(ZeroDivisionError):
            show(own_site, own_site.publisher(broken))
    show(own_site, own_site.publisher(broken))
    assert counted(own_site, good) == CHECKED
    assert own_site.shown(bad).is_left
    assert "ended in the middle" in own_site.shown(bad).problem
    own_site.store.append(bad, "retry", RetryRequested(by="tui:ann"))
    show(own_site)
    assert own_site.shown(bad).is_shown


def test_a_task_at_work_is_shown_at_once_and_then_from_time_to_time(own_site: Site) -> None:
    publisher, log = own_site.publisher(), own_site.story(TaskKind.VERIFY, "pushed")
    own_site.record(log[0])
    number = own_site.number(log[0].task_id)
    show(own_site, publisher)
    assert stickies(own_site, number) == []
    for event in log[1:4]:
        own_site.record(event)
        show(own_site, publisher)
    assert "under way" in stickies(own_site, number)[0]
    assert own_site.publications.backlog().seconds == pytest.approx(OPEN_SECONDS)
    own_site.record(*log[4:])
    show(own_site, publisher)
    assert counted(own_site, log[0].task_id) == CHECKED


def test_the_comment_of_a_pull_request_is_about_its_newest_task(own_site: Site) -> None:
    number = own_site.pull()
    old = own_site.story(number=number)
    new = own_site.story(TaskKind.VERIFY, "pushed", Outcome.BROKEN, number=number)
    for part in (old[:2], new[:2], old[2:]):
        own_site.record(*part)
        own_site.clock.now += OPEN_SECONDS
        show(own_site)
    assert own_site.shown(old[0].task_id).is_shown
    assert "verify: under way" in "".join(stickies(own_site, number))
    own_site.record(*new[2:])
    show(own_site)
    assert counted(own_site, new[0].task_id) == CHECKED
    assert len(stickies(own_site, number)) == 1


def test_a_commit_status_stands_in_where_a_token_makes_no_check_runs(tmp_path: Path) -> None:
    with open_site(tmp_path, app=False, pat=True) as site:
        head = site.repository.head(site.number(verify(site)))
        show(site)
        assert [status.fields["state"] for status in site.repository.statuses(head)] == ["failure"]
        assert site.repository.checks() == []
