"""What a team sees of a review, of a fork's pull request and of an issue, with everything real in between."""

import re
from pathlib import Path

import pytest

from agent.models.server.script import Call
from agent.models.server.scripted_server import ScriptedServer
from tests.e2e.conftest import CART
from tests.e2e.scripted_models import PROFILE
from tests.e2e.team import Team, serving, team
from tests.e2e.test_bot import BROKEN, GOOD
from tests.publishing.markdown import assert_inert

SHOWS = "from cart import total\n\n\ndef test_d():\n    assert total([10, 5], discount=3) == 12\n"
EVIL = "The discount is added, see @octocat, fixes #1"
BUG = Call(
    "finding", {"path": "cart.py", "line": 5, "title": EVIL, "body": "<img src=x> Off.", "test": SHOWS}
)
GUESS = Call("finding", {"path": "cart.py", "line": 1, "title": "No types", "body": "Nobody knows."})
OTHER = Call("finding", {"path": "cart.py", "line": 5, "title": "Slow", "body": "Or not."})

OWN_LINK = re.compile(r"\[(?:Branch|Review|Pull request \d+)\]\(http://127\.0\.0\.1:[^)]*\)")

pytestmark = pytest.mark.long


def _asked(at_work: Team, number: int, words: str, by: str = "ann") -> int:
    """Return a comment once its command is done."""
    said = at_work.shop.comment(number, by, words)
    at_work.until(lambda: len(at_work.shop.reactions(said)) == 2, f"no end of {words}")
    return said


def test_a_second_review_says_only_what_is_new(tmp_path: Path, state_dir: Path, base_root: Path) -> None:
    script = [BUG, GUESS, "One bug. @octocat closes #2", BUG, OTHER, "Still that bug."]
    with ScriptedServer(script) as server:
        settings = PROFILE.format(url=server.base_url, profile="", more="")
        with team(tmp_path, state_dir, GOOD, settings=settings, on_pull="off") as at_work, serving(at_work):
            shop = at_work.shop
            head = shop.commit("rounding", BROKEN, "Round", author="ann")
            number = shop.open_pull("rounding", author="ann")
            _asked(at_work, number, "/ratchet review")
            shop.commit("rounding", {"more.py": "x = 1\n"}, "More", author="ann")
            _asked(at_work, number, "/ratchet review")
            first, second = shop.reviews(number)

            (placed,) = first.comments
            assert (placed.path, placed.line, placed.side) == ("cart.py", 5, "RIGHT")
            assert "Unproven findings (1)" in first.body and "No types" in first.body
            assert second.comments == [] and "No types" not in second.body and "Slow" in second.body
            assert {first.state, second.state} == {"COMMENTED"}
            for body in (first.body, placed.body, second.body, at_work.sticky(number)):
                assert_inert(OWN_LINK.sub("link", body))
            assert [one.conclusion for one in shop.checks(head)] == ["neutral"]
            assert not at_work.fake.violations


def test_a_fork_gets_a_suggestion_and_nothing_is_pushed(
    tmp_path: Path, state_dir: Path, base_root: Path
) -> None:
    with team(tmp_path, state_dir, GOOD, on_pull="off") as at_work, serving(at_work):
        shop = at_work.shop
        fork = shop.fork("bob")
        branch = "rounding`@octocat`fixes#1"
        fork.commit(branch, BROKEN, "Round", author="bob")
        number = shop.open_pull(branch, from_fork=fork, author="bob", title="<img src=x> fixes #7 @octocat")
        _asked(at_work, number, "/ratchet fix")

        (review,) = shop.reviews(number)
        (comment,) = review.comments
        assert "```suggestion\n    return amount - discount\n```" in comment.body
        assert "Nothing was pushed" in at_work.sticky(number)
        assert [*shop.branches()] == ["main"] and {*fork.branches()} == {"main", branch}
        assert not at_work.fake.violations


def test_an_issue_becomes_a_branch_and_a_draft_that_closes_it(
    tmp_path: Path, state_dir: Path, base_root: Path
) -> None:
    with team(tmp_path, state_dir, CART, on_pull="off") as at_work, serving(at_work):
        shop = at_work.shop
        number = shop.open_issue("The discount is added @octocat fixes #99", "It is.", "ann")
        _asked(at_work, number, "/ratchet fix")

        (opened,) = shop.pulls()
        assert opened.pull is not None and opened.pull.draft and opened.pull.base_branch == "main"
        assert opened.title == "Make test_discount_is_taken_off pass"
        assert opened.body.count(f"Closes #{number}\n") == 1 and "octocat" not in opened.body
        assert f"[Pull request {opened.number}](" in at_work.sticky(number)
        assert "- discount" in shop.text(opened.pull.head_branch, "cart.py")
        assert not at_work.fake.violations
