"""Deliveries look like GitHub's, are signed, and are remembered whatever came of them."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from tests.forge.conftest import ROOT, Client, app_token
from tests.forge.fake import FakeForge
from tests.forge.listening import listening
from tests.forge.openapi import artefact
from tests.forge.repository import Repository

HOOKS = "/app/hook/deliveries"


def _examples(event: str, action: str) -> list[dict[str, Any]]:
    every = json.loads(artefact("webhooks.json").read_bytes())
    (named,) = [one["examples"] for one in every if one["name"] == event]
    return [example for example in named if example.get("action") == action]


def _paths(value: Any, depth: int, prefix: str = "") -> set[str]:
    if isinstance(value, list):
        return _paths(value[0], depth, f"{prefix}[]") if value else set()
    if not isinstance(value, dict) or not depth:
        return set()
    return {
        path
        for name, item in value.items()
        for path in ({f"{prefix}.{name}"} | _paths(item, depth - 1, f"{prefix}.{name}"))
    }


def _happened(shop: Repository) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what deliveries can be about."""
    issue = shop.open_issue("It fails", author="bob")
    comment = shop.comment(issue, "alice", "/ratchet fix")
    line = shop.comment_on_line(1, "alice", "/ratchet explain", "a.txt", 2)
    head = shop.head(1)
    run = shop.fail_run(".github/workflows/ci.yml", "test", "Run pytest", "log", head)
    return {
        ("issue_comment", "created"): {"comment": comment},
        ("pull_request_review_comment", "created"): {"comment": line},
        ("pull_request", "opened"): {"number": 1},
        ("pull_request", "synchronize"): {"number": 1, "before": head},
        ("pull_request", "labeled"): {"number": 1, "label": "ratchet"},
        ("issues", "opened"): {"number": issue},
        ("issues", "labeled"): {"number": issue, "label": "ratchet"},
        ("workflow_run", "completed"): {"run": run},
    }


def test_deliveries_say_what_those_of_github_say(fake: FakeForge, shop: Repository) -> None:
    fake.add_organization("acme")
    fake.bot_config(app=True)
    for (event, action), about in _happened(shop).items():
        headers, body = fake.delivery(event, action, shop, **about)
        ours = _paths(json.loads(body), 2)
        wanted = [_paths(example, 2) for example in _examples(event, action)]
        assert wanted, (event, action)
        missing = set.intersection(*wanted) - ours
        assert not missing, (event, action, missing)
        assert headers["X-GitHub-Event"] == event


def test_a_pressed_button_names_itself(fake: FakeForge, shop: Repository, as_: Client) -> None:
    fields = {"name": "ratchet", "head_sha": shop.head(1), "external_id": "task-1"}
    check = as_(fake.token.text).post(f"{ROOT}/check-runs", json=fields).json()["id"]
    _, body = fake.delivery(
        "check_run", "requested_action", shop, check=check, identifier="apply", sender="alice"
    )
    said = json.loads(body)
    assert said["requested_action"] == {"identifier": "apply"}
    assert (said["check_run"]["external_id"], said["sender"]["login"]) == ("task-1", "alice")
    assert said["check_run"]["pull_requests"][0]["number"] == 1
    assert "installation" not in said


def test_a_delivery_is_signed_over_its_very_bytes(fake: FakeForge, shop: Repository) -> None:
    headers, body = fake.delivery("pull_request", "opened", shop, number=1)
    wanted = hmac.new(fake.secret.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-Hub-Signature-256"] == f"sha256={wanted}"
    again, _ = fake.delivery("pull_request", "opened", shop, number=1)
    assert again["X-GitHub-Delivery"] != headers["X-GitHub-Delivery"]


def test_what_happens_is_told_to_whoever_listens(fake: FakeForge, shop: Repository, as_: Client) -> None:
    with listening() as listener:
        fake.hook(listener.url)
        shop.comment(1, "alice", "hello")
        shop.commit("topic", {"b.txt": "b"}, author="alice")
        shop.label(1, "ratchet", "alice")
        bot = as_(fake.token.text)
        bot.post(f"{ROOT}/issues/1/comments", json={"body": "of the bot"})
        bot.post(f"{ROOT}/pulls/1/reviews", json={"event": "COMMENT", "body": "of the bot"})
        check = {"name": "ratchet", "head_sha": shop.head(1)}
        made = bot.post(f"{ROOT}/check-runs", json=check).json()["id"]
        bot.patch(f"{ROOT}/check-runs/{made}", json={"conclusion": "success"})
        fake.settle()
        told = [(headers["x-github-event"], json.loads(body)) for headers, body in listener.got]
    assert [(event, said["action"], said["sender"]["login"]) for event, said in told] == [
        ("issue_comment", "created", "alice"),
        ("pull_request", "synchronize", "alice"),
        ("pull_request", "labeled", "alice"),
        ("issue_comment", "created", "github-actions[bot]"),
        ("pull_request_review", "submitted", "github-actions[bot]"),
        ("check_run", "created", "github-actions[bot]"),
        ("check_run", "completed", "github-actions[bot]"),
    ]
    assert told[1][1]["after"] == told[1][1]["pull_request"]["head"]["sha"] == shop.head(1)
    assert told[3][1]["sender"]["type"] == "Bot"


def test_what_nobody_got_can_be_sent_again(fake: FakeForge, shop: Repository, as_: Client) -> None:
    fake.bot_config(app=True)
    app = as_(app_token(fake))
    with listening() as listener:
        listener.status = 500
        assert fake.deliver(listener.url, "pull_request", "opened", shop, number=1)
        fake.miss("pull_request", "labeled", shop, number=1, label="x")
        listed = app.get(HOOKS).json()
        assert [(one["status_code"], one["action"]) for one in listed] == [(0, "labeled"), (500, "opened")]
        listener.status = 202
        fake.hook(listener.url)
        assert app.post(f"{HOOKS}/{listed[0]['id']}/attempts").status_code == 202
        fake.settle()
        newest = app.get(HOOKS, params={"per_page": 1}).json()[0]
        assert listener.got[-1][0]["x-github-delivery"] == listed[0]["guid"] == newest["guid"]
        assert (newest["redelivery"], newest["status_code"]) == (True, 202)
    whole = app.get(f"{HOOKS}/{newest['id']}").json()
    assert whole["request"]["payload"]["label"]["name"] == "x"
    pages = [app.get(HOOKS, params={"per_page": 2})]
    pages.append(app.get(pages[0].links["next"]["url"]))
    assert [len(page.json()) for page in pages] == [2, 1]


@pytest.mark.parametrize("port", [1])
def test_a_listener_that_is_away_is_remembered_as_that(fake: FakeForge, shop: Repository, port: int) -> None:
    assert fake.deliver(f"http://127.0.0.1:{port}/", "pull_request", "opened", shop, number=1) is None
    assert fake.deliveries[-1].status == 0
