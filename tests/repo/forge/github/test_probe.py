"""What `ratchet doctor` is told about `[bot]`."""

import pytest

from agent.repo.forge.github.probe import PERMISSIONS, probe
from agent.sight import Sight, Verdict
from tests.repo.forge.answering import Asked, Said, answering
from tests.repo.forge.conftest import Shop


def levels(sights: list[Sight]) -> dict[str, Verdict]:
    return {one.aspect: one.verdict for one in sights}


def test_an_app_is_looked_at_from_its_key_to_its_limits(shop: Shop) -> None:
    sights = list(probe(shop.fake.bot_config(app=True)))
    assert (
        levels(sights)["key"] is levels(sights)["identity"] is levels(sights)["installations"] is Verdict.KEPT
    )
    assert {one.detail for one in sights} >= {
        "the private key of the App 4711",
        "writes as ratchet[bot]",
        "the App is installed 1 times",
        "4999 of 5000 requests are left in this hour",
    }


def test_a_token_says_what_it_can(shop: Shop) -> None:
    for pat, detail in ((True, "a classic personal access token"), (False, "a token of a workflow")):
        sights = list(probe(shop.fake.bot_config(pat=pat)))
        assert sights[0].detail.startswith(detail)
        assert [one.aspect for one in sights] == ["key", "identity", "permissions", "rate limit"]


def test_what_an_app_lacks_is_named(shop: Shop) -> None:
    app = {"id": 7, "slug": "r", "events": ["issues"], "permissions": {"checks": "read"}}
    installed = [{"id": 8, "permissions": {**PERMISSIONS, "contents": "read"}, "events": []}]
    rate = {"rate": {"limit": 5000, "remaining": 3, "reset": 1}}
    answers = {
        "/app": app,
        "/app/installations": installed,
        "/rate_limit": rate,
        "/app/installations/8/access_tokens": {"token": "ghs_x", "expires_at": "2099-01-01T00:00:00Z"},
        "/users/r%5Bbot%5D": {"login": "r[bot]", "id": 9, "type": "Bot"},
    }

    def answer(asked: Asked) -> Said:
        return Said(200, answers[asked.path.partition("?")[0]])

    with answering(answer) as server:
        sights = list(probe(server.config(app=7)))
    said = {one.aspect: one.detail for one in sights if one.verdict is not Verdict.KEPT}
    assert said["permissions"].startswith("lacks actions: read, checks: write, contents: write")
    assert said["events"].startswith("the App does not get check_run, issue_comment, pull_request, ")
    assert "issues" not in said["events"]
    assert said["installation 8"] == "lacks contents: write"
    assert said["rate limit"] == "3 of 5000 requests are left in this hour"
    assert all(one.remedy for one in sights if one.verdict is not Verdict.KEPT)


def test_scopes_that_a_classic_token_lacks_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "ghp_x")
    value = {"login": "ada", "id": 1, "rate": {"limit": 5000, "remaining": 4000}}
    for scopes, verdict in (("public_repo, user", Verdict.BROKEN), ("repo, workflow", Verdict.KEPT)):
        headers = {"X-OAuth-Scopes": scopes}
        with answering(lambda _, sent=headers: Said(200, value, sent)) as server:  # type: ignore[misc]
            assert levels(list(probe(server.config())))["permissions"] is verdict


def test_a_forge_that_is_away_or_refuses_ends_it_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "ghp_x")
    with answering(lambda _: Said(401, {"message": "Bad credentials"})) as server:
        *_, last = probe(server.config())
        monkeypatch.delenv("A_TOKEN")
        (only,) = probe(server.config())
    assert (last.aspect, last.verdict) == ("access", Verdict.BROKEN)
    assert last.detail == "GitHub answered 401: Bad credentials"
    assert "names env:A_TOKEN, which is empty" in only.detail
    assert last.remedy
    assert only.remedy
