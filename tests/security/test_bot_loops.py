"""What the bot does itself, and whatever happens to that: nothing of it makes the bot do more."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.protocol.event import Event
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind
from tests.publishing import stories
from tests.security.bot_at_work import A_MODEL, NO_WORK, AtWork, at_work, proven

SAYS = "Done.\n\n/ratchet fix\n"


@contextmanager
def hearing(work: AtWork) -> Iterator[None]:
    """Let the bot hear of everything that happens, and wait until it has."""
    work.fake.hook(work.url)
    try:
        yield
        work.fake.settle()
    finally:
        work.fake.hook("")


def asked(work: AtWork, number: int, words: str) -> str:
    """Return the one task that a comment of ann leads to."""
    known = set(work.tasks())
    with hearing(work):
        work.shop.comment(number, "ann", words)
    (task,) = set(work.tasks()) - known
    return task


def heard(work: AtWork, since: int) -> set[tuple[str, str | None]]:
    """Return what the bot has heard of since then; each was answered and wanted nothing."""
    new = work.fake.deliveries[since:]
    assert all(one.status == 200 for one in new), [(one.event, one.status, one.answer) for one in new]
    return {(one.event, one.action) for one in new}


def a_story(kind: TaskKind, place: str) -> tuple[Event, ...]:
    return stories.story(kind, place, Outcome.VERIFIED, "x")


@pytest.mark.parametrize("pat", [True, pytest.param(False, marks=pytest.mark.long)])
def test_what_the_bot_does_leads_to_nothing_more(tmp_path: Path, pat: bool) -> None:
    with at_work(tmp_path, pat=pat, settings=NO_WORK + A_MODEL) as work:
        shop = work.shop
        shop.commit("topic", {"src/tax.py": "one\n2\nthree\nfour\n"}, onto="main")
        number, issue = shop.open_pull("topic", author="ann"), shop.open_issue("Add tax", "Now.", "ann")
        fix, do = asked(work, number, "/ratchet fix"), asked(work, issue, "/ratchet do add tax")
        tasks, since = work.tasks(), len(work.fake.deliveries)
        with hearing(work):
            proven(work, fix, a_story(TaskKind.FIX, "pull"))
            proven(work, do, a_story(TaskKind.DO, "issue"))
        told = heard(work, since)
        assert told >= {("issue_comment", "created"), ("pull_request", "opened")}
        assert pat or ("check_run", "created") in told
        assert {f"ratchet/{fix}", f"ratchet/{do}"} <= shop.branches().keys()
        _others_meddle(work, f"ratchet/{do}")
        assert work.tasks() == tasks
        # Somebody who may still gets what they ask for there.
        assert asked(work, shop.pulls()[-1].number, "/ratchet fix") not in tasks


def _others_meddle(work: AtWork, branch: str) -> None:
    """Let happen to what the bot made whatever people, workflows and other bots do to such things."""
    shop, us, since = work.shop, work.login, len(work.fake.deliveries)
    pull = shop.pulls()[-1]
    assert pull.pull is not None and pull.pull.head_branch == branch and pull.author.login == us
    ours = next(comment for _, comment in shop.hosted.all_comments() if comment.author.login == us)
    with hearing(work):
        head = shop.commit(branch, {"more.py": "x = 1\n"}, "More", author="ann")
        shop.commit("ratchet/by-hand", {"y.py": "y = 1\n"}, "By hand", onto="main", author="ann")
        shop.open_pull("ratchet/by-hand", author="ann", title="/ratchet fix", body="/ratchet fix")
        for actor in (us, "ann"):
            shop.fail_run(".github/workflows/ci.yml", "test", "test", "", head, branch=branch, actor=actor)
        for number in (pull.number, 1):
            shop.comment(number, us, SAYS)
            shop.comment(number, "renovate[bot]", SAYS)
            shop.comment_on_line(1, us, SAYS, "src/tax.py", 1)
            shop.label(number, "ratchet", author=us)
            shop.label(number, "ratchet:fix", author="renovate[bot]")
        shop.edit(ours.id, SAYS, author="ann")
        shop.edit(ours.id, f"{SAYS} ", author=us)
        for check in shop.checks():
            shop.press(check.id, "fix", author=us)
    assert heard(work, since) >= {
        ("pull_request", "synchronize"),
        ("pull_request", "opened"),
        ("pull_request", "labeled"),
        ("workflow_run", "completed"),
        ("issue_comment", "edited"),
        ("pull_request_review_comment", "created"),
    }
