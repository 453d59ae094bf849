"""The fake forge refuses what GitHub refuses, and notices what a bot must not do."""

from typing import Any

import httpx
import pytest

from agent.protocol.forge import Permission
from tests.forge import git
from tests.forge.conftest import ROOT, Client
from tests.forge.fake import FakeForge
from tests.forge.repository import Repository

NOTE = {"path": "a.txt", "start_line": 2, "end_line": 2, "annotation_level": "notice", "message": "m"}
ACTION = {"label": "Apply", "description": "the fix", "identifier": "apply"}


def _statuses(client: httpx.Client, path: str, *bodies: dict[str, Any]) -> list[int]:
    return [client.post(f"{ROOT}{path}", json=body).status_code for body in bodies]


def test_what_is_made_is_found_again_and_lists_have_pages(bot: httpx.Client, shop: Repository) -> None:
    for number in range(5):
        assert bot.post(f"{ROOT}/issues/1/comments", json={"body": f"comment {number}"}).status_code == 201
    found, url = [], f"{ROOT}/issues/1/comments?per_page=2"
    while url:
        answer = bot.get(url)
        found += [comment["body"] for comment in answer.json()]
        url = answer.links.get("next", {}).get("url", "")
    assert found == [f"comment {number}" for number in range(5)]
    assert [said.author.login for said in shop.comments(1)] == ["github-actions[bot]"] * 5


def test_a_reaction_made_twice_is_one(bot: httpx.Client, shop: Repository) -> None:
    comment = shop.comment(1, "alice", "/ratchet fix")
    path = f"/issues/comments/{comment}/reactions"
    assert _statuses(bot, path, {"content": "eyes"}, {"content": "eyes"}, {"content": "rocket"}) == [
        201,
        200,
        201,
    ]
    assert shop.reactions(comment) == [("github-actions[bot]", "eyes"), ("github-actions[bot]", "rocket")]


def test_check_runs_have_the_limits_of_the_description(
    fake: FakeForge, bot: httpx.Client, shop: Repository
) -> None:
    plain = {"name": "ratchet", "head_sha": shop.head(1)}
    output = {"title": "t", "summary": "s"}
    refused: list[dict[str, Any]] = [
        {**plain, "output": {**output, "annotations": [NOTE] * 51}},
        {**plain, "output": {**output, "summary": "x" * 65_536}},
        {**plain, "actions": [ACTION] * 4},
        {**plain, "actions": [{**ACTION, "label": "x" * 21}]},
        {**plain, "actions": [{**ACTION, "description": "x" * 41}]},
        {**plain, "actions": [{**ACTION, "identifier": "x" * 21}]},
        {**plain, "status": "completed"},
        {**plain, "output": {**output, "annotations": [{**NOTE, "end_line": 3, "start_column": 1}]}},
        {**plain, "head_sha": "0" * 40},
        {"head_sha": shop.head(1)},
    ]
    assert _statuses(bot, "/check-runs", *refused) == [422] * len(refused)
    assert len(fake.violations) >= 7
    fake.violations.clear()
    largest = {
        "output": {**output, "summary": "x" * 65_535, "annotations": [NOTE] * 50},
        "actions": [ACTION] * 3,
    }
    made = bot.post(f"{ROOT}/check-runs", json={**plain, **largest}).json()
    more = {"conclusion": "success", "output": {**output, "annotations": [NOTE] * 50}}
    done = bot.patch(f"{ROOT}/check-runs/{made['id']}", json=more).json()
    assert (done["status"], done["output"]["annotations_count"]) == ("completed", 100)


def test_only_an_app_makes_check_runs_and_changes_only_its_own(
    fake: FakeForge, bot: httpx.Client, shop: Repository, as_: Client
) -> None:
    fields = {"name": "ratchet", "head_sha": shop.head(1)}
    user = as_(fake.pat().text)
    assert user.post(f"{ROOT}/check-runs", json=fields).status_code == 403
    status = {"state": "pending", "context": "ratchet"}
    assert user.post(f"{ROOT}/statuses/{shop.head(1)}", json=status).status_code == 201
    made = bot.post(f"{ROOT}/check-runs", json=fields).json()["id"]
    assert user.patch(f"{ROOT}/check-runs/{made}", json={"status": "in_progress"}).status_code == 403


def test_a_comment_is_neither_empty_nor_too_long(bot: httpx.Client, shop: Repository) -> None:
    bodies = [{"body": ""}, {"body": " \n"}, {"body": "x" * 65_537}, {"body": "x" * 65_536}]
    assert _statuses(bot, "/issues/1/comments", *bodies) == [422, 422, 422, 201]


PLACES: list[tuple[dict[str, Any], int]] = [
    ({"line": 2}, 200),
    ({"line": 6}, 200),
    ({"line": 3, "start_line": 2}, 200),
    ({"line": 2, "side": "LEFT"}, 200),
    ({"line": 9}, 422),
    ({"line": 2, "start_line": 3}, 422),
    ({"line": 2, "path": "other.txt"}, 422),
    ({"line": 0}, 422),
    ({"line": 2, "body": ""}, 422),
]


def test_review_comments_stand_on_lines_of_the_diff(bot: httpx.Client, shop: Repository) -> None:
    for place, status in PLACES:
        made = len(shop.reviews(1))
        comment = {"path": "a.txt", "side": "RIGHT", "body": "here", **place}
        fields = {"commit_id": shop.head(1), "event": "COMMENT", "body": "", "comments": [comment]}
        answer = bot.post(f"{ROOT}/pulls/1/reviews", json=fields)
        assert (answer.status_code, len(shop.reviews(1)) - made) == (status, status == 200), place
    assert len(shop.line_comments(1)) == 4


def test_a_bot_that_approves_is_noticed(fake: FakeForge, bot: httpx.Client, shop: Repository) -> None:
    bot.post(f"{ROOT}/pulls/1/reviews", json={"event": "APPROVE"})
    assert fake.violations == [f"POST {ROOT}/pulls/1/reviews: the bot approves"]
    fake.violations.clear()


def test_the_bot_leaves_alone_what_others_wrote(
    fake: FakeForge, bot: httpx.Client, shop: Repository, as_: Client
) -> None:
    comment = shop.comment(1, "alice", "mine")
    path = f"{ROOT}/issues/comments/{comment}"
    bot.patch(path, json={"body": "changed"})
    bot.delete(path)
    bot.patch(f"{ROOT}/pulls/1", json={"title": "changed"})
    assert as_(fake.pat("alice").text).patch(f"{ROOT}/pulls/1", json={"title": "mine"}).status_code == 200
    assert [violation.partition(": ")[2] for violation in fake.violations] == [
        "the bot edits what somebody else wrote",
        "the bot removes a comment",
        "the bot edits what somebody else wrote",
    ]
    fake.violations.clear()


def test_a_pull_request_needs_commits_a_head_and_to_be_the_only_one(
    bot: httpx.Client, shop: Repository
) -> None:
    shop.commit("ratchet/1", {"b.txt": "b"})
    shop.move("ratchet/none", shop.branches()["main"])

    def fields(head: str, **more: Any) -> dict[str, Any]:
        return {"title": "t", "head": head, "base": "main", "body": "b", **more}

    heads = [fields("ratchet/none"), fields("nowhere"), fields("ratchet/1", base="nowhere")]
    assert _statuses(bot, "/pulls", *heads) == [422, 422, 422]
    assert _statuses(bot, "/pulls", fields("ratchet/1", draft=True), fields("acme:ratchet/1")) == [201, 422]
    listed = bot.get(f"{ROOT}/pulls", params={"head": "acme:ratchet/1", "state": "all"}).json()
    assert [(pull["number"], pull["draft"]) for pull in listed] == [(2, True)]


def test_a_repository_without_drafts_refuses_them(fake: FakeForge, bot: httpx.Client) -> None:
    plain = fake.add_repository("acme/plain", drafts=False)
    plain.commit("topic", {"a": "a"})
    fields = {"title": "t", "head": "topic", "base": "main", "draft": True}
    assert bot.post("/repos/acme/plain/pulls", json=fields).status_code == 422
    assert bot.post("/repos/acme/plain/pulls", json={**fields, "draft": False}).status_code == 201


def test_a_fork_shows_its_commits_and_may_vanish(bot: httpx.Client, shop: Repository) -> None:
    fork = shop.fork("mallory")
    fork.commit("evil", {"a.txt": "mine\n"})
    number = shop.open_pull("evil", from_fork="mallory")
    pull = bot.get(f"{ROOT}/pulls/{number}").json()
    assert (pull["head"]["repo"]["full_name"], pull["user"]["login"]) == ("mallory/shop", "mallory")
    assert (
        "+mine" in bot.get(f"{ROOT}/pulls/{number}", headers={"Accept": "application/vnd.github.diff"}).text
    )
    assert git.text(shop.path, "rev-parse", f"refs/pull/{number}/head") == pull["head"]["sha"]
    fork.delete()
    assert bot.get(f"{ROOT}/pulls/{number}").json()["head"]["repo"] is None


def test_permissions_are_told_in_the_words_of_github(bot: httpx.Client, shop: Repository) -> None:
    for permission in (Permission.READ, Permission.TRIAGE, Permission.MAINTAIN, Permission.ADMIN):
        shop.grant(permission.value, permission)
    told = {}
    for login in ("read", "triage", "alice", "maintain", "admin", "acme"):
        answer = bot.get(f"{ROOT}/collaborators/{login}/permission").json()
        told[login] = (answer["permission"], answer["role_name"])
    assert told == {
        "read": ("read", "read"),
        "triage": ("read", "triage"),
        "alice": ("write", "write"),
        "maintain": ("write", "maintain"),
        "admin": ("admin", "admin"),
        "acme": ("admin", "admin"),
    }
    assert bot.get(f"{ROOT}/collaborators/nobody/permission").status_code == 404


def test_what_a_token_may_not_see_is_not_there(fake: FakeForge, as_: Client, bot: httpx.Client) -> None:
    secret = fake.add_repository("acme/secret", private=True)
    secret.grant("alice", Permission.READ)
    path = "/repos/acme/secret"
    seen = [as_(token).get(path).status_code for token in ("", fake.pat("eve").text, fake.pat("alice").text)]
    assert seen == [404, 404, 200]
    assert bot.get(path).status_code == 200
    assert as_("ghp_wrong").get(path).status_code == 401
    assert as_(fake.pat("alice").text).get("/user").json()["login"] == "alice"
    assert bot.get("/user").status_code == 403


def test_a_renamed_repository_points_to_where_it_is(bot: httpx.Client, shop: Repository) -> None:
    shop.rename("store")
    answer = bot.get(f"{ROOT}/pulls/1")
    assert answer.status_code == 301
    assert bot.get(answer.headers["location"]).json()["base"]["repo"]["full_name"] == "acme/store"
    assert bot.post(f"{ROOT}/issues/1/comments", json={"body": "b"}).status_code == 307


def test_the_log_of_a_job_lies_elsewhere_and_gets_no_token(
    fake: FakeForge, bot: httpx.Client, shop: Repository, as_: Client
) -> None:
    run = shop.fail_run(".github/workflows/ci.yml", "test", "Run pytest", "a log\n", shop.head(1))
    shop.rerun(run, "another log\n")
    jobs = [bot.get(f"{ROOT}/actions/runs/{run}/attempts/{n}/jobs").json()["jobs"][0] for n in (1, 2)]
    places = [bot.get(f"{ROOT}/actions/jobs/{job['id']}/logs").headers["location"] for job in jobs]
    assert [as_("").get(place).text for place in places] == ["a log\n", "another log\n"]
    assert bot.get(f"{ROOT}/actions/runs/{run}").json()["pull_requests"][0]["number"] == 1
    assert bot.get(places[0]).status_code == 403
    assert fake.violations == ["a token is sent to where logs lie"]
    fake.violations.clear()


def test_a_request_that_the_description_does_not_know_ends_the_test(
    fake: FakeForge, bot: httpx.Client, shop: Repository
) -> None:
    bot.get(f"{ROOT}/no/such/path")
    bot.get(f"{ROOT}/pulls", params={"stat": "open"})
    bot.post(f"{ROOT}/issues/1/comments", json={"text": "b"})
    assert [violation.rpartition(": ")[2] for violation in fake.violations] == [
        "GET /repos/acme/shop/no/such/path",
        "unknown parameter stat",
        '"body" is a required property',
        "unknown field text",
    ]
    with pytest.raises(AssertionError, match="unknown parameter stat"):
        fake.__exit__(None, None, None)
    fake.violations.clear()


def test_an_unchanged_answer_is_not_sent_again(bot: httpx.Client, shop: Repository) -> None:
    tag = bot.get(f"{ROOT}/pulls/1").headers["etag"]
    assert bot.get(f"{ROOT}/pulls/1", headers={"If-None-Match": tag}).status_code == 304
    shop.commit("topic", {"b.txt": "b"})
    assert bot.get(f"{ROOT}/pulls/1", headers={"If-None-Match": tag}).status_code == 200
