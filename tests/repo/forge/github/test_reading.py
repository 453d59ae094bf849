"""What is read of the fake forge, as each of those that a bot can be."""

import time

import pytest

from agent.protocol.forge import Permission
from agent.repo.forge.errors import ForgeError, ForgeRefused, NotOnForge
from agent.repo.forge.port import Forge
from agent.repo.forge.values import Account, Branch, Issue, JobStep
from tests.repo.forge.conftest import SHOP, Shop


def test_everybody_knows_who_they_are(shop: Shop) -> None:
    for kind in ("workflow", "pat", "app"):
        me = shop.forge(kind).me()
        assert me.login == shop.fake.bot_login(app=kind == "app", pat=kind == "pat")
        assert me.bot == (kind != "pat")
        assert shop.fake.add_user(me.login).id == me.id


def test_a_role_is_what_the_forge_says_and_a_stranger_has_none(forge: Forge) -> None:
    roles = {login: forge.permission(SHOP, login) for login in ("acme", "ada", "tom", "eve", "no-such-user")}
    assert roles == {
        "acme": Permission.ADMIN,
        "ada": Permission.WRITE,
        "tom": Permission.TRIAGE,
        "eve": Permission.READ,
        "no-such-user": Permission.NONE,
    }


def test_a_pull_request_is_read_with_its_diff(forge: Forge, shop: Shop) -> None:
    pull = forge.pull(SHOP, shop.pull)
    assert (pull.title, pull.body, pull.author, pull.open) == ("A title", "A body", "ada", True)
    assert (pull.head, pull.head_branch, pull.head_repository) == (shop.head, "feature/a", SHOP)
    assert (pull.base_branch, pull.is_fork("Acme/Shop")) == ("main", False)
    assert forge.pull_diff(SHOP, shop.pull).startswith("diff --git a/a.py b/a.py\n")
    assert forge.issue(SHOP, shop.pull).is_pull


def test_a_pull_request_from_a_fork_is_told_apart(shop: Shop) -> None:
    fork = shop.repository.fork("mallory")
    head = fork.commit("evil", {"b.py": "y = 2\n"}, onto="main")
    number = shop.repository.open_pull("evil", from_fork=fork)
    pull = shop.forge().pull(SHOP, number)
    assert (pull.head, pull.head_repository, pull.is_fork(SHOP)) == (head, "mallory/shop", True)
    assert list(shop.forge().pulls_from(SHOP, "evil")) == []


def test_an_issue_and_the_default_branch_are_read(forge: Forge, shop: Shop) -> None:
    wanted = Issue(number=shop.issue, title="It breaks", body="So it does.", author="eve")
    assert forge.issue(SHOP, shop.issue) == wanted
    tip = shop.repository.branches()["main"]
    assert forge.default_branch(SHOP) == Branch(name="main", commit=tip)


def test_an_issue_tells_when_its_title_or_text_was_last_changed(forge: Forge, shop: Shop) -> None:
    number, before = shop.repository.open_issue("It breaks", "So it does."), int(time.time())
    assert forge.edited(SHOP, number) == 0
    shop.repository.label(number, "ratchet")
    shop.repository.comment(number, "ada", "It does.")
    assert forge.edited(SHOP, number) == 0
    shop.repository.rewrite(number, "So it does.", "It fails")
    titled = forge.edited(SHOP, number)
    shop.repository.rewrite(number, "It does not.")
    assert before <= titled <= forge.edited(SHOP, number) <= time.time()


def test_what_is_no_issue_was_never_edited(forge: Forge, shop: Shop) -> None:
    for repository, number in ((SHOP, 999), (SHOP, shop.pull), ("acme/none", 1)):
        with pytest.raises(NotOnForge):
            forge.edited(repository, number)


def test_a_failed_run_is_read_down_to_its_log(forge: Forge, shop: Shop) -> None:
    run = forge.run(SHOP, shop.run)
    assert (run.path, run.conclusion, run.head) == (".github/workflows/ci.yml", "failure", shop.head)
    assert (run.actor, run.triggered_by, run.attempt, run.pulls) == ("ada", "ada", 1, (shop.pull,))
    (job,) = forge.jobs(SHOP, run.id, run.attempt)
    assert job.steps[-1] == JobStep(name="Run pytest", number=2, conclusion="failure")
    assert forge.log(SHOP, job.id).splitlines()[0] == "2026-11-22T00:00:00Z one"


def test_many_comments_come_page_by_page(forge: Forge, shop: Shop) -> None:
    number = shop.repository.open_issue("long", author="ada")
    ids = [shop.repository.comment(number, "ada", f"comment {count}") for count in range(101)]
    shop.repository.edit(ids[3], "changed")
    comments = list(forge.comments(SHOP, number))
    assert [comment.id for comment in comments] == ids
    assert [comment.author.login for comment in comments] == ["ada"] * 101
    assert [comment.id for comment in comments if comment.edited] in ([ids[3]], [])


def test_what_was_made_is_found_again(shop: Shop) -> None:
    forge = shop.forge("app")
    check = forge.create_check(SHOP, {"name": "ratchet", "head_sha": shop.head, "external_id": "t1"})
    assert list(forge.checks(SHOP, shop.head, "ratchet")) == [check]
    assert list(forge.checks(SHOP, shop.head, "other")) == []
    review = forge.create_review(
        SHOP, shop.pull, {"event": "COMMENT", "body": "Well.", "commit_id": shop.head}
    )
    assert list(forge.reviews(SHOP, shop.pull)) == [review]
    assert review.author == forge.me()


def test_pull_requests_from_a_branch_are_found_open_and_closed(shop: Shop) -> None:
    shop.repository.commit("ratchet/t1", {"c.py": "z = 3\n"}, onto="main")
    number = shop.repository.open_pull("ratchet/t1", author="ada")
    shop.repository.close(number)
    (found,) = shop.forge().pulls_from(SHOP, "ratchet/t1")
    assert (found.number, found.open, found.head_branch) == (number, False, "ratchet/t1")
    assert found.author == Account(login="ada", id=shop.fake.add_user("ada").id)


def test_git_gets_a_header_for_the_repository(forge: Forge, shop: Shop) -> None:
    access = forge.git_access(SHOP)
    assert access.url == f"{shop.fake.web}/{SHOP}.git"
    assert access.header.startswith("Authorization: basic ")
    assert access.header.split()[-1] not in repr(access)


def test_what_is_not_there_is_said_not_to_be(forge: Forge, shop: Shop) -> None:
    asked = (
        lambda: forge.pull(SHOP, 999),
        lambda: forge.pull_diff(SHOP, 999),
        lambda: forge.issue(SHOP, 999),
        lambda: forge.run(SHOP, 999),
        lambda: forge.jobs(SHOP, shop.run, 7),
        lambda: forge.log(SHOP, 999),
        lambda: list(forge.comments(SHOP, 999)),
        lambda: list(forge.reviews(SHOP, 999)),
    )
    for ask in asked:
        with pytest.raises(NotOnForge):
            ask()
    # Whoever asks as an App cannot even get a token for it.
    with pytest.raises((NotOnForge, ForgeRefused)):
        forge.default_branch("acme/other")


@pytest.mark.parametrize("name", ["a/..", "../b", "a/b/c", "a", "a/b?x=1", "a/%2e%2e", "a/b c", "a/\n"])
def test_no_name_of_a_repository_leads_elsewhere(shop: Shop, name: str) -> None:
    before = len(shop.fake.requests)
    forge = shop.forge()
    for ask in (lambda: forge.default_branch(name), lambda: forge.git_access(name)):
        with pytest.raises(ForgeError, match="no name of a repository"):
            ask()
    assert len(shop.fake.requests) == before


@pytest.mark.parametrize("login", ["../../../user", "a/b", "a?b=c", "ada#x", "%2e%2e", "a\r\nX: y", "näme"])
def test_no_login_leads_elsewhere(shop: Shop, login: str) -> None:
    assert shop.forge().permission(SHOP, login) is Permission.NONE
    assert shop.fake.requests[-1].path == f"/repos/{SHOP}/collaborators/{login}/permission"


def test_dots_alone_are_no_name(shop: Shop) -> None:
    with pytest.raises(ForgeRefused, match="no name of anything"):
        shop.forge().permission(SHOP, "..")
