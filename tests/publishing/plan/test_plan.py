"""What a task wants on its forge, by its kind, its place and how it ended."""

from itertools import product

import pytest

from agent.protocol.control import CancelRequested, GroupsSplit, RetryRequested
from agent.protocol.event import TaskFinished, TaskSubmitted, TriggerAdmitted
from agent.protocol.forge import Misunderstood, Verb
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState, fold
from agent.protocol.task import TaskKind, TaskSpec
from agent.publishing.effect import (
    BeginCheck,
    Effect,
    EndCheck,
    OpenPull,
    Post,
    PostReview,
    Push,
    React,
    Result,
    Sticky,
)
from agent.publishing.plan import next_effect, takes_sticky
from agent.publishing.rendering.marker import Marker
from tests.publishing.reports import HEAD
from tests.publishing.stories import (
    LATER,
    MIRROR,
    PLACES,
    TASK,
    Seen,
    admission,
    effects,
    ended,
    events,
    seen_from,
    shown,
    spec,
    story,
)

FIX, DO, VERIFY, REVIEW = TaskKind.FIX, TaskKind.DO, TaskKind.VERIFY, TaskKind.REVIEW
ASK, REPLY = TaskKind.ASK, TaskKind.REPLY
GOOD = {
    **dict.fromkeys((FIX, DO, VERIFY), Outcome.VERIFIED),
    **dict.fromkeys((REVIEW, ASK, REPLY), Outcome.DONE),
}
BY_COMMENT = ("issue", "pull", "fork", "line")
LEFT = {
    # what a change, a measurement and a review leave in a place, but for reactions
    "issue": ("push pull sticky:end", "sticky:end", "sticky:end"),
    "pull": ("push review check:end sticky:end", "check:end sticky:end", "review check:end sticky:end"),
    "fork": ("review check:end sticky:end", "check:end sticky:end", "review check:end sticky:end"),
    "run": ("push pull check:end", "check:end", "check:end"),
    "side run": ("push check:end", "check:end", "check:end"),
}
LIKE = {"label": "issue", "line": "pull", "pushed": "pull", "button": "pull", "run of a pull": "pull"}


def _expected(kind: TaskKind, place: str) -> list[str]:
    if kind in (ASK, REPLY):
        left = "" if place in ("run", "side run") else "answer"
    else:
        change, measured, review = LEFT[LIKE.get(place, place)]
        left = {VERIFY: measured, REVIEW: review}.get(kind, change)
    asked = place in BY_COMMENT
    return [*(["eyes"] if asked else []), *left.split(), *(["done"] if asked else [])]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", GOOD)
def test_a_task_that_went_well_leaves_what_its_place_takes(kind: TaskKind, place: str) -> None:
    found = shown(ended(kind, place, GOOD[kind]), seen_from(place))
    assert [one.name for one in found] == _expected(kind, place)
    assert {one.repository for one in found} <= {"acme/shop"}


@pytest.mark.parametrize("kind", GOOD)
def test_however_a_task_ends_and_whatever_fails_it_says_so_once_and_forces_nothing(kind: TaskKind) -> None:
    failures = [{}, {"push": "no"}, {"open_pull": "no"}, {"post_review": "no"}, {"end_check": "no"}]
    whole = [(place, GOOD[kind], failing) for place, failing in product(PLACES, failures)]
    others = product(PLACES, Outcome)
    some = [(*one, failures[number % len(failures)]) for number, one in enumerate(others)]
    for place, outcome, failing in (*whole, *some):
        found = shown(ended(kind, place, outcome), seen_from(place), failing=failing)
        _holds(place, [one.effect for one in found])
        names = [one.name for one in found]
        assert "pull" not in names or "push" in names
        if failing.get("push"):
            assert "pull" not in names
        stickies = [one.effect for one in found if isinstance(one.effect, Sticky)]
        failed = [one for one in found if one.effect.kind in failing]
        assert all(" could not be " in one.body for one in stickies if failed), (place, outcome, failing)


def _holds(place: str, made: list[Effect]) -> None:
    pushes = [one for one in made if isinstance(one, Push)]
    assert not pushes or (place != "fork" and pushes[0].branch.startswith("ratchet/"))
    assert all(one.mirror == MIRROR for one in pushes)
    assert len([one for one in made if isinstance(one, Sticky)]) <= 1
    pulls = [one for one in made if isinstance(one, OpenPull)]
    assert all(one.base == "main" and one.head == pushes[0].branch for one in pulls)
    assert all(("Closes #12" in one.body) == (place in ("issue", "label")) for one in pulls)
    reviews = [one for one in made if isinstance(one, PostReview)]
    assert all(one.review.event == "COMMENT" and one.head == HEAD for one in reviews)
    reactions = [one.content for one in made if isinstance(one, React)]
    assert reactions in ([], ["eyes", "rocket"], ["eyes", "confused"])
    for check in (one.check for one in made if isinstance(one, EndCheck)):
        assert check.head_sha == HEAD and check.external_id == TASK
        assert all(len(group) <= 50 for group in check.annotations) and len(check.actions) <= 3


def test_a_task_at_work_shows_eyes_a_check_and_that_it_is_under_way() -> None:
    at_work = fold(story(FIX, "pull")[:3])
    found = shown(at_work, Seen())
    assert [one.name for one in found] == ["eyes", "check", "sticky:begun:0.0"]
    eyes, check, sticky = (one.effect for one in found)
    assert eyes == React(comment=99, content="eyes")
    assert check == BeginCheck(name="ratchet / fix", head=HEAD, external_id=TASK, title="fix: under way")
    assert isinstance(sticky, Sticky) and "under way" in sticky.body
    assert Marker.of(sticky.body) == Marker(task_id=TASK, kind=FIX, head=HEAD)


def test_the_check_that_ends_is_the_one_that_began() -> None:
    begun = effects(shown(fold(story(VERIFY, "pull")[:3]), Seen()))["check"]
    over = effects(shown(ended(VERIFY, "pull"), Seen()))["check:end"]
    assert isinstance(begun, BeginCheck) and isinstance(over, EndCheck)
    assert (begun.name, begun.external_id, begun.head) == (
        over.check.name,
        over.check.external_id,
        over.check.head_sha,
    )


def test_a_comment_on_a_line_gets_its_reactions_there() -> None:
    reactions = [one.effect for one in shown(ended(FIX, "line"), Seen()) if isinstance(one.effect, React)]
    assert [one.on_line for one in reactions] == [True, True]


def test_nothing_is_shown_before_the_forge_said_who_asks() -> None:
    for kind, place in product(GOOD, PLACES):
        submitted = story(kind, place)[:1]
        cut_short = events(
            [*(one.body for one in submitted), TaskFinished(outcome=Outcome.ERROR, reason="x")]
        )
        assert shown(fold(submitted), Seen()) == [] == shown(fold(cut_short), Seen())


def test_a_task_of_no_forge_shows_nothing() -> None:
    assert shown(fold(events([TaskSubmitted(spec=TaskSpec(kind=FIX, repository="/r"))])), Seen()) == []


def _refused(place: str, *, tell: bool) -> TaskState:
    told = spec(FIX, place)
    refusal = admission(place, refused="The pull request has moved.", tell=tell)
    denied = TaskFinished(outcome=Outcome.DENIED, reason="The pull request has moved.")
    return fold(events([TaskSubmitted(spec=told), TriggerAdmitted(admission=refusal, spec=told), denied]))


@pytest.mark.parametrize("place", PLACES)
def test_strangers_get_no_answer(place: str) -> None:
    assert shown(_refused(place, tell=False), Seen()) == []


def test_who_may_know_is_told_why_nothing_is_done() -> None:
    found = shown(_refused("pull", tell=True), Seen())
    assert [one.name for one in found] == ["refused", "refused:react"]
    post, react = (one.effect for one in found)
    assert isinstance(post, Post) and "The pull request has moved" in post.body
    assert post.body.startswith(f"{post.marker}\n\n") and post.number == 12
    assert isinstance(react, React) and react.content == "confused"
    assert shown(_refused("run", tell=True), Seen()) == []


def test_a_task_that_waits_says_what_is_asked_and_where_that_is_answered() -> None:
    log = story(FIX, "pull", asks=True, text="make test")
    asking = fold(log[:4])
    made: dict = {}
    first = shown(asking, Seen(), made)
    assert [one.name for one in first] == ["eyes", "check", "sticky:asks:1.0"]
    body = effects(first)["sticky:asks:1.0"].body
    assert f"`ratchet tasks approve {TASK}`" in body and "command `make test`" in body
    again = shown(fold(log[:5]), Seen(), made)
    assert [one.name for one in again] == ["sticky:begun:1.1"]
    assert "under way" in again[0].effect.body


def test_a_question_that_waits_is_a_comment_of_its_own_and_so_is_its_answer() -> None:
    log = story(ASK, "pull", Outcome.DONE, asks=True)
    made: dict = {}
    assert [one.name for one in shown(fold(log[:4]), Seen(), made)] == ["eyes", "asks:1.0"]
    rest = shown(fold(log), Seen(), made)
    assert [one.name for one in rest] == ["answer", "done"]
    assert isinstance(rest[0].effect, Post) and "explain" in rest[0].effect.body


def test_a_question_without_an_answer_says_why() -> None:
    post = effects(shown(ended(ASK, "issue", Outcome.NO_PLANNER), Seen()))["answer"]
    assert "explain: needs a model" in post.body and "**Hint:**" in post.body


def test_an_earlier_task_leaves_the_comment_to_the_later_one_and_answers_whoever_asked() -> None:
    made: dict[str, Result] = {}
    at_work = shown(fold(story(FIX, "pull")[:3]), Seen(), made, newest=False)
    assert [one.name for one in at_work] == ["eyes", "check"]
    over = shown(ended(FIX, "pull"), Seen(), made, newest=False)
    assert [one.name for one in over] == ["push", "review", "check:end", "result", "done"]
    post = effects(over)["result"]
    assert isinstance(post, Post) and post.body.startswith(f"{post.marker}\n\n### Ratchet · fix: verified")
    assert f"`ratchet/{TASK}`" in post.body
    for place in ("label", "pushed", "button"):
        left = shown(ended(FIX, place), Seen(), newest=False)
        assert not [one for one in left if isinstance(one.effect, Sticky | Post)]


def test_a_task_that_had_the_last_word_needs_no_other_when_a_later_one_comes() -> None:
    made: dict[str, Result] = {}
    shown(ended(FIX, "pull"), Seen(), made, most=5)
    assert [*made][-1] == "sticky:end"
    assert [one.name for one in shown(ended(FIX, "pull"), Seen(), made, newest=False)] == ["done"]


def test_only_what_is_about_the_whole_place_takes_its_comment() -> None:
    taking = {
        (kind, place) for kind, place in product(GOOD, PLACES) if takes_sticky(TASK, ended(kind, place))
    }
    assert taking == set(product((FIX, DO, VERIFY, REVIEW), set(PLACES) - {"run", "side run"}))
    assert not takes_sticky(TASK, _refused("pull", tell=True))
    assert not takes_sticky(TASK, fold(story(FIX, "pull")[:1]))


def test_what_is_linked_is_what_came_of_it() -> None:
    done = effects(shown(ended(FIX, "issue"), Seen()))["sticky:end"].body
    assert f"[Branch](https://forge.example/acme/shop/push/7) `ratchet/{TASK}`" in done
    assert "[Pull request 13](https://forge.example/acme/shop/open_pull/7)" in done
    without = effects(shown(ended(FIX, "issue"), Seen(), failing={"push": "no @me"}))["sticky:end"].body
    assert "**The branch could not be pushed:** no `@me`" in without and "[Branch]" not in without


def test_a_pull_request_that_has_moved_is_named_and_gets_nothing_on_lines() -> None:
    found = effects(shown(ended(FIX, "pull"), Seen(head=LATER)))
    assert "review" not in found
    for body in (found["sticky:end"].body, found["check:end"].check.summary):
        assert f"**The pull request has moved on** to `{LATER[:12]}`" in body
    still = effects(shown(ended(FIX, "pull"), Seen()))["sticky:end"].body
    assert "moved on" not in still


def test_a_fork_is_told_that_nothing_was_pushed() -> None:
    assert "Nothing was pushed" in effects(shown(ended(FIX, "fork"), Seen()))["sticky:end"].body
    assert "Nothing was pushed" not in effects(shown(ended(VERIFY, "fork"), Seen()))["sticky:end"].body


def test_a_run_that_does_not_fail_here_is_called_environment_or_flake() -> None:
    for place in ("run", "run of a pull"):
        check = effects(shown(ended(FIX, place, Outcome.NOT_REPRODUCED), Seen()))["check:end"].check
        assert check.title == "fix: environment or flake" and check.conclusion == "neutral"
        assert "<summary>The failed step of the workflow run</summary>" in check.summary
        assert "Not reproduced here:" in check.summary
    other = effects(shown(ended(FIX, "pull", Outcome.NOT_REPRODUCED), Seen()))["check:end"].check
    assert other.title == "fix: nothing fails"


def test_a_pull_request_holds_what_failed_the_plan_and_the_verdict() -> None:
    opened = effects(shown(ended(DO, "issue", text="Add a tax"), Seen()))["pull"]
    assert isinstance(opened, OpenPull) and opened.title == "Add a tax"
    for part in ("Closes #12", "**Fails without this change", "**Plan**", "| Tests | Number |"):
        assert part in opened.body


def test_only_the_whole_of_what_was_asked_for_closes_its_issue() -> None:
    log = [one.body for one in story(FIX, "issue")]
    parted = events([*log[:3], GroupsSplit(children=(f"{TASK}-2",)), *log[3:]])
    found = effects(shown(fold(parted), Seen()))
    assert "Closes" not in found["pull"].body and f"`{TASK}-2`" in found["sticky:end"].body


def test_a_group_of_failures_has_a_check_and_a_branch_and_leaves_the_comment_to_its_parent() -> None:
    group = fold(story(FIX, "pull", parent=TASK)).model_copy(update={"task_id": f"{TASK}-2"})
    found = effects(shown(group, Seen()))
    assert [*found] == ["push", "review", "check:end"]
    assert found["check:end"].check.name == "ratchet / fix 2"
    assert found["check:end"].check.external_id == f"{TASK}-2"


def test_a_task_that_is_tried_again_shows_it_under_other_names() -> None:
    made: dict = {}
    log = [one.body for one in story(REVIEW, "pull", Outcome.DONE)]
    first = shown(fold(events(log)), Seen(), made)
    again = [*log, RetryRequested(by="cli:ann")]
    assert shown(fold(events(again)), Seen(), made) == []
    at_work = shown(fold(events([*again, log[1]])), Seen(), made)
    assert [one.name for one in at_work] == ["2/check", "2/sticky:begun:0.0"]
    over = shown(fold(events([*again, *log[1:]])), Seen(), made)
    assert [one.name for one in over] == ["2/review", "2/check:end", "2/sticky:end", "2/done"]
    firsts, seconds = effects(first), effects(over)
    assert firsts["review"].marker != seconds["2/review"].marker
    assert firsts["check:end"].check.external_id != seconds["2/check:end"].check.external_id


def test_a_new_version_takes_up_no_finished_task_again() -> None:
    over = ended(FIX, "pull")
    for last in ("done", "sticky:end"):
        assert {one.name for one in shown(over, Seen(), {last: {}})} <= {"done"}


def test_a_stopped_task_says_so() -> None:
    log = [one.body for one in story(FIX, "pull")[:3]]
    stopped = TaskFinished(outcome=Outcome.INTERRUPTED, reason="cancelled by ann")
    found = effects(shown(fold(events([*log, CancelRequested(by="ann"), stopped])), Seen()))
    assert [*found] == ["eyes", "check:end", "sticky:end", "done"]
    assert found["check:end"].check.conclusion == "cancelled" and "stopped" in found["sticky:end"].body


@pytest.mark.parametrize(
    ("verb", "said", "reaction"),
    [
        (Verb.HELP, "/ratchet fix", "rocket"),
        (Verb.STOP, "2 tasks stopped", "rocket"),
        (Verb.UNKNOWN, "This is no command.", "confused"),
    ],
)
def test_what_needs_no_work_is_answered(verb: Verb, said: str, reaction: str) -> None:
    wrong = (Misunderstood(line="dance", reason="This is no command."),)
    told = {"verb": verb, "misunderstood": wrong if verb is Verb.UNKNOWN else ()}
    found = shown(ended(REPLY, "pull", Outcome.DONE, "2 tasks stopped", **told), Seen())
    assert [one.name for one in found] == ["eyes", "answer", "done"]
    assert said in found[1].effect.body and found[2].effect.content == reaction


def test_the_forge_is_asked_for_nothing_that_nobody_needs() -> None:
    look = Seen()
    assert shown(fold(story(FIX, "pull")[:3]), look) and look.asked == []
    assert shown(ended(VERIFY, "issue"), look) and look.asked == []


def test_one_effect_is_wanted_until_something_came_of_it() -> None:
    state = ended(FIX, "pull")
    first, second = (next_effect(TASK, state, {}, newest=True, look=Seen()) for _ in range(2))
    assert first == second is not None
