"""A task's line says the same with and without colours."""

from typing import Any

import pytest

from agent.protocol.forge import Trigger
from agent.protocol.outcome import Outcome
from agent.protocol.summary import Status, TaskSummary
from agent.protocol.task import Intent, TaskKind, TaskSpec
from tui.feed.feed import Link, LinkState
from tui.screens.tasks.changes import moved, possible
from tui.screens.tasks.detail import detail
from tui.screens.tasks.emptiness import emptiness
from tui.screens.tasks.row import age, cells, money, standing
from tui.screens.tasks.subject import subject
from tui.screens.tasks.wanted import Wanted

STOP = Trigger(happened="comment", verb="stop", repository="acme/shop", number=7, actor="ann")


def task(status: Status = Status.FINISHED, **more: Any) -> TaskSummary:
    known = {"task_id": "20261122-1", "kind": TaskKind.FIX, "repository": "/home/ann/stack", "priority": 100}
    return TaskSummary(**{**known, "status": status, "created_at": 0, "updated_at": 0, "seq": 1, **more})


def test_every_state_has_a_word_of_its_own_that_fits_its_column() -> None:
    going = [standing(task(status)).text for status in Status if status is not Status.FINISHED]
    ended = [standing(task(outcome=outcome)).text for outcome in Outcome]
    assert len({*going, *ended}) == len(going) + len(ended)
    assert max(map(len, (*going, *ended))) <= 16


def test_what_went_wrong_has_a_sign_that_what_is_proven_has_not() -> None:
    assert standing(task(outcome=Outcome.VERIFIED)).text.startswith("✓")
    assert standing(task(outcome=Outcome.BROKEN)).text.startswith("✗")
    assert standing(task(outcome=Outcome.UNVERIFIED)).text.startswith("!")


def test_a_line_holds_mark_state_kind_subject_cost_priority_and_age() -> None:
    line = cells(task(Status.RUNNING, cost_usd=0.125, priority=5), now=90, subject="tests/a.py", marked=True)
    assert [one.text for one in line] == ["*", "● running", "fix", "tests/a.py", "$0.12", "5", "1m"]


@pytest.mark.parametrize(
    ("seconds", "said"), [(-3, "0s"), (59, "59s"), (60, "1m"), (3600, "1h"), (90000, "25h"), (864000, "10d")]
)
def test_an_age_takes_at_most_four_characters(seconds: float, said: str) -> None:
    assert age(seconds) == said


def test_what_costs_nothing_shows_no_cost() -> None:
    assert [money(dollars) for dollars in (0, 0.004, 12.5, 1234.5)] == ["", "$0.00", "$12.50", "$1234"]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (TaskSpec(kind=TaskKind.FIX, repository="/r"), "whatever fails"),
        (TaskSpec(kind=TaskKind.FIX, repository="/r", tests=("a", "b")), "a, b"),
        (TaskSpec(kind=TaskKind.DO, repository="/r", goal="do\nthis", intent=Intent.REFACTOR), "do this"),
        (TaskSpec(kind=TaskKind.VERIFY, repository="/r"), "the working tree"),
        (TaskSpec(kind=TaskKind.VERIFY, repository="/r", head="b"), "HEAD..b"),
        (TaskSpec(kind=TaskKind.VERIFY, repository="/r", patch="diff"), "a patch"),
        (
            TaskSpec(kind=TaskKind.REVIEW, repository="/r", base="a", goal="locks"),
            "the working tree against a locks",
        ),
        (TaskSpec(kind=TaskKind.REPLY, repository="github:acme/shop", trigger=STOP), "stop on acme/shop#7"),
    ],
)
def test_a_task_is_about_its_tests_its_goal_or_its_change(spec: TaskSpec, said: str) -> None:
    assert subject(spec) == said


def test_a_filter_holds_for_every_word_and_for_the_repository() -> None:
    one = task(outcome=Outcome.NOT_REPRODUCED)
    assert Wanted("STACK not").takes(one, "tests/a.py")
    assert Wanted("a.py", frozenset({"/home/ann/stack"})).takes(one, "tests/a.py")
    assert not Wanted("a.py fixed").takes(one, "tests/a.py")
    assert not Wanted(names=frozenset({"/home/ann"})).takes(one, "tests/a.py")


def test_only_what_is_finished_is_begun_again_and_only_what_is_not_can_change() -> None:
    running, finished = task(Status.RUNNING), task()
    assert possible("retry", [running, finished]) == [finished]
    assert possible("cancel", [running, finished]) == [running]
    assert [moved(task(priority=5), -10), moved(task(priority=995), 10)] == [0, 1000]


def test_nothing_of_outside_makes_a_second_line_of_the_detail() -> None:
    said = detail(task(reason="a\nb\x1b[2J"), subject="x\r\ny", width=60)
    assert len(said.splitlines()) == 2 and "\x1b" not in said


@pytest.mark.parametrize("link", Link)
def test_an_empty_list_always_says_why_and_what_to_do(link: Link) -> None:
    state = LinkState(link, "why") if link is not Link.UP else LinkState(link)
    for known, filtered, here in ((0, False, True), (0, False, False), (3, True, True), (1, False, True)):
        sentence, hint = emptiness(state, known=known, filtered=filtered, in_repository=here)
        assert sentence
        assert hint or link is Link.CONNECTING
