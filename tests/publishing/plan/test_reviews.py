"""Reviews of a pull request: what was said before is not said again, and patches only where they fit."""

import pytest

from agent.protocol.conversation import Finding
from agent.protocol.event import ChangeReviewed, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState, fold
from agent.protocol.task import TaskKind
from agent.publishing.effect import PostReview
from agent.publishing.rendering.marker import Marker
from agent.publishing.rendering.memory import key, memory, remembered
from agent.repo.forge.errors import ForgeRefused
from tests.publishing.markdown import parser
from tests.publishing.reports import HEAD, TASK, diff
from tests.publishing.stories import LATER, Seen, effects, ended, events, shown, story

FIRST = "20261122-090000-11111111"
OLD = "e" * 40


def _finding(title: str, *, proven: bool = True, line: int = 2, path: str = "src/tax.py") -> Finding:
    return Finding(path=path, line=line, title=title, body="b", proven=proven)


def _found(*findings: Finding, outcome: Outcome = Outcome.DONE, task_id: str = TASK) -> TaskState:
    begun = [one.body for one in story(TaskKind.REVIEW, "pull", Outcome.DONE)[:3]]
    told = ChangeReviewed(findings=findings, summary="Looks good.")
    return fold(events([*begun, told, TaskFinished(outcome=outcome, reason="r")], task_id))


def _review(state: TaskState, look: Seen) -> PostReview | None:
    found = effects(shown(state, look)).get("review")
    assert found is None or isinstance(found, PostReview)
    return found


def _earlier(*findings: Finding, head: str = OLD, task_id: str = FIRST) -> str:
    marker = Marker(place="review", task_id=task_id, kind=TaskKind.REVIEW, head=head)
    return f"{marker}\n\n{memory(findings)}\n\n### Ratchet\n"


def test_a_review_says_what_it_found_where_the_diff_shows_it() -> None:
    made = _review(_found(_finding("a"), _finding("b", line=40), _finding("c", proven=False)), Seen())
    assert made is not None and (made.number, made.head) == (12, HEAD)
    assert made.review.body.startswith(f"{made.marker}\n")
    assert [one.line for one in made.review.comments] == [2]
    assert "`src/tax.py:40`" in made.review.body and "Unproven findings (1)" in made.review.body


def test_what_an_earlier_review_said_of_a_commit_below_is_not_said_again() -> None:
    known, fresh = _finding("a"), _finding("b")
    look = Seen(said=(_earlier(known),), followed=frozenset({OLD}))
    made = _review(_found(known.model_copy(update={"line": 3}), fresh), look)
    assert made is not None and len(made.review.comments) == 1
    assert "**b**" in made.review.comments[0].body and "1 finding of earlier reviews" in made.review.body
    assert _review(_found(known), look) is None


def test_the_same_commit_reviewed_twice_says_only_what_is_new() -> None:
    look = Seen(said=(_earlier(_finding("a"), head=HEAD),))
    assert _review(_found(_finding("a")), look) is None


def test_after_a_forced_push_everything_is_said_again() -> None:
    made = _review(_found(_finding("a")), Seen(said=(_earlier(_finding("a")),)))
    assert made is not None and "earlier reviews" not in made.review.body


def test_a_review_remembers_what_the_next_one_leaves_out() -> None:
    first = _review(_found(_finding("a"), _finding("b", proven=False), task_id=FIRST), Seen())
    assert first is not None
    look = Seen(said=(first.review.body.replace("\n", "\r\n"),))
    assert _review(_found(_finding("a"), _finding("b", proven=False)), look) is None


def test_a_quoted_memory_is_none() -> None:
    line = memory([_finding("a")])
    assert remembered(f"x\n\n{line}\n\ny") == {key(_finding("a"))}
    for body in (line, f"x\n\n> {line}\n", f"x\n\ny\n\n{line}\n", f"x\n{line}\n", f"x\n\n {line}", ""):
        assert remembered(body) == frozenset(), body
    assert memory([]) == "" and len(memory([_finding(str(n)) for n in range(5_000)])) < 6_000


def test_nothing_found_is_no_review_and_neither_is_one_that_did_not_end() -> None:
    look = Seen()
    assert _review(_found(), look) is None and "reviews" not in look.asked
    assert _review(_found(_finding("a"), outcome=Outcome.BUDGET), Seen()) is None


@pytest.mark.parametrize("look", [Seen(head=LATER), Seen(diff="nonsense")], ids=["moved", "no diff"])
def test_a_review_without_lines_to_hold_on_to_is_all_text(look: Seen) -> None:
    made = _review(_found(_finding("a")), look)
    assert made is not None and made.review.comments == () and "`src/tax.py:2`" in made.review.body
    assert made.review.commit_id == HEAD


class _TooLarge(Seen):
    def pull_diff(self) -> str:
        raise ForgeRefused("the diff is too large")


def test_a_diff_that_the_forge_does_not_give_costs_the_lines_alone() -> None:
    made = _review(_found(_finding("a")), _TooLarge())
    assert made is not None and made.review.comments == ()
    assert _review(ended(TaskKind.FIX, "fork"), _TooLarge()) is None


@pytest.mark.parametrize("place", ["pull", "fork"])
def test_a_proven_patch_on_shown_lines_is_suggested(place: str) -> None:
    made = _review(ended(TaskKind.FIX, place), Seen())
    assert made is not None
    (comment,) = made.review.comments
    (block,) = [one for one in parser().parse(comment.body) if one.type == "fence"]
    assert (comment.path, comment.line, block.info, block.content) == ("src/tax.py", 2, "suggestion", "two\n")
    assert made.review.body.startswith(f"{made.marker}\n\n### Ratchet · fix: a proven patch for these lines")


@pytest.mark.parametrize(
    "outcome", [one for one in Outcome if "verified" != one != "verified_with_preexisting"]
)
def test_nothing_unproven_is_suggested(outcome: Outcome) -> None:
    assert _review(ended(TaskKind.FIX, "fork", outcome), Seen()) is None


def test_a_patch_on_another_commit_or_other_lines_is_not_suggested() -> None:
    state = ended(TaskKind.FIX, "fork")
    assert state.snapshot is not None
    elsewhere = state.snapshot.model_copy(update={"commit": LATER})
    assert _review(state.model_copy(update={"snapshot": elsewhere}), Seen()) is None
    assert _review(state, Seen(head=LATER)) is None
    assert _review(state, Seen(diff=diff("src/other.py", "a\n", "b\n"))) is None


def test_a_large_patch_is_suggested_only_where_there_is_no_branch() -> None:
    lines = [f"line {number}" for number in range(40)]
    after = [f"changed {number}" if number % 4 == 1 else line for number, line in enumerate(lines)]
    whole = diff("src/tax.py", None, "".join(f"{line}\n" for line in lines))
    fix = diff("src/tax.py", *("".join(f"{line}\n" for line in text) for text in (lines, after)))
    for place, count in (("fork", 10), ("pull", None)):
        state = ended(TaskKind.FIX, place)
        assert state.patch is not None
        patch = state.patch.model_copy(update={"diff": fix})
        rounds = tuple(one.model_copy(update={"patch": patch}) for one in state.rounds)
        made = _review(state.model_copy(update={"patch": patch, "rounds": rounds}), Seen(diff=whole))
        assert (len(made.review.comments) if made else None) == count
