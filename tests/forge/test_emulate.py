"""The fake forge and emulate, which others wrote from GitHub's documentation, answer alike.

Compared is what emulate does well: the App, pull requests, comments, check runs, and signatures.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.forge.conftest import ROOT, Client, app_token
from tests.forge.emulate import emulating
from tests.forge.events import signatures
from tests.forge.fake import APP, INSTALLATION, FakeForge
from tests.forge.listening import Listener, listening

TOKENS = f"/app/installations/{INSTALLATION}/access_tokens"
MORE = re.compile(
    r"\.(allow_\w+|delete_branch_on_merge|permissions|mergeable|rebaseable|has_multiple_single_files)$"
    r"|\.check_suite\."
)
"""Fields of emulate that GitHub's description has as optional, or not at all."""


@dataclass
class Side:
    """A forge with one repository, of which branch `topic` has a commit more than main."""

    client: httpx.Client
    app: str
    token: str
    head: str
    ids: dict[str, int] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> httpx.Response:
        path = path.format(**self.ids)
        sent = json.loads(json.dumps(body).replace("HEAD", self.head)) if body is not None else None
        named = {"app": self.app, "nobody": "", None: self.token}.get(token, token)
        headers = {"User-Agent": "tests"} | ({"Authorization": f"Bearer {named}"} if named else {})
        return self.client.request(method, path, json=sent, headers=headers)


@dataclass
class Both:
    """Our fake and emulate, asked the same."""

    ours: Side
    theirs: Side
    listener: Listener
    fake: FakeForge

    unlike: list[str] = field(default_factory=list)

    def ask(self, *arguments: Any, keep: str = "", **more: Any) -> None:
        """Ask both; the status is the same, and what emulate says ours says as well, with the same types."""
        ours, theirs = (side.ask(*arguments, **more) for side in (self.ours, self.theirs))
        said = " ".join(map(str, arguments))
        if ours.status_code != theirs.status_code:
            self.unlike.append(f"{said}: {ours.status_code} {theirs.status_code} {theirs.text[:200]}")
        elif ours.status_code < 300:
            lacking = _types(theirs.json()).items() - _types(ours.json()).items()
            self.unlike += [
                f"{said}: {path} {kind}" for path, kind in sorted(lacking) if not MORE.search(path)
            ]
        if keep:
            self.ours.ids[keep], self.theirs.ids[keep] = ours.json()["id"], theirs.json()["id"]

    def ask_apart(self, ours: int, theirs: int, *arguments: Any) -> None:
        """Ask both for what emulate answers otherwise than GitHub; it is held to that as well."""
        found = (self.ours.ask(*arguments), self.theirs.ask(*arguments))
        assert tuple(answer.status_code for answer in found) == (ours, theirs), arguments


def _types(value: Any, prefix: str = "", depth: int = 3) -> dict[str, str]:
    """Return the types of fields that are there; what may be null is of no type."""
    if isinstance(value, list):
        return _types(value[0], f"{prefix}[]", depth) if value else {}
    if not isinstance(value, dict) or not depth:
        return {} if value is None else {prefix: type(value).__name__}
    return {
        path: kind
        for name, item in value.items()
        for path, kind in _types(item, f"{prefix}.{name}", depth - 1).items()
    }


@pytest.fixture
def both(fake: FakeForge, as_: Client, tmp_path: Path) -> Iterator[Both]:
    fake.bot_config(app=True)
    shop = fake.add_repository("acme/shop")
    head = shop.commit("topic", {"a.txt": "x\n"})
    with listening() as listener, emulating(_seed(fake, listener.url), tmp_path) as url:
        client = httpx.Client(base_url=url, trust_env=False)
        fake.hook(listener.url)
        with client:
            theirs = Side(client, app_token(fake), "", "")
            theirs.token = theirs.ask("POST", TOKENS, {}, token="app").json()["token"]
            _prepare(theirs)
            listener.got.clear()
            ours = Side(as_(""), app_token(fake), "", head)
            ours.token = ours.ask("POST", TOKENS, {}, token="app").json()["token"]
            yield Both(ours, theirs, listener, fake)


def _seed(fake: FakeForge, hook: str) -> dict[str, Any]:
    installation = {"installation_id": INSTALLATION, "account": "acme", "repository_selection": "all"}
    app = {
        "app_id": APP,
        "slug": "ratchet",
        "name": "ratchet",
        "private_key": fake.app.private_key,
        "permissions": dict(fake.app.permissions),
        "events": ["pull_request", "issue_comment", "check_run"],
        "webhook_url": hook,
        "webhook_secret": fake.secret,
        "installations": [installation],
    }
    repository = {"owner": "acme", "name": "shop", "auto_init": True}
    return {"users": [{"login": "acme"}], "repos": [repository], "apps": [app]}


def _prepare(side: Side) -> None:
    main = side.ask("GET", f"{ROOT}/git/ref/heads/main").json()["object"]["sha"]
    side.ask("POST", f"{ROOT}/git/refs", {"ref": "refs/heads/topic", "sha": main})
    content = base64.b64encode(b"x\n").decode()
    made = side.ask("PUT", f"{ROOT}/contents/a.txt", {"message": "m", "branch": "topic", "content": content})
    side.head = made.json()["commit"]["sha"]


@pytest.mark.long
def test_both_fakes_answer_alike(both: Both) -> None:
    _ask_as_the_app(both)
    _ask_about_pulls(both)
    _ask_about_comments(both)
    _ask_about_checks(both)
    # What was asked wrongly on purpose.
    both.fake.violations.clear()
    assert not both.unlike, "\n".join(both.unlike)
    _compare_deliveries(both)


def _ask_as_the_app(both: Both) -> None:
    both.ask("GET", "/app", token="app")
    both.ask("GET", "/app", token="a.b.c")
    both.ask("GET", "/app", token="nobody")
    both.ask("GET", f"{ROOT}/installation", token="app")
    both.ask("GET", "/repos/acme/nowhere/installation", token="app")
    both.ask("POST", TOKENS, {"repositories": ["shop"], "permissions": {"checks": "write"}}, token="app")
    both.ask("POST", TOKENS, {"repositories": ["nowhere"]}, token="app")
    both.ask("POST", "/app/installations/1/access_tokens", {}, token="app")
    both.ask_apart(200, 404, "GET", "/installation/repositories")
    both.ask("GET", ROOT)
    both.ask("GET", "/repos/acme/nowhere")


def _ask_about_pulls(both: Both) -> None:
    wanted = {"title": "t", "head": "topic", "base": "main", "body": "b", "draft": True}
    both.ask("POST", f"{ROOT}/pulls", wanted)
    both.ask_apart(422, 201, "POST", f"{ROOT}/pulls", wanted)
    both.ask_apart(422, 201, "POST", f"{ROOT}/pulls", {**wanted, "head": "nowhere"})
    both.ask("POST", f"{ROOT}/pulls", {**wanted, "head": "main"})
    both.ask("POST", f"{ROOT}/pulls", wanted, token="nobody")
    both.ask("GET", f"{ROOT}/pulls/1")
    both.ask("GET", f"{ROOT}/pulls/9")
    both.ask("GET", f"{ROOT}/pulls?head=acme:other&state=all")


def _ask_about_comments(both: Both) -> None:
    both.ask("POST", f"{ROOT}/issues/1/comments", {"body": "one"}, keep="comment")
    both.ask("POST", f"{ROOT}/issues/1/comments", {})
    both.ask("POST", f"{ROOT}/issues/9/comments", {"body": "b"})
    both.ask("PATCH", f"{ROOT}/issues/comments/{{comment}}", {"body": "two"})
    both.ask("GET", f"{ROOT}/issues/comments/{{comment}}")
    both.ask("GET", f"{ROOT}/issues/1/comments")
    both.ask_apart(200, 404, "GET", f"{ROOT}/issues/1")
    both.ask("PATCH", f"{ROOT}/issues/comments/999999", {"body": "two"})


def _ask_about_checks(both: Both) -> None:
    output = {"title": "t", "summary": "s"}
    both.ask(
        "POST",
        f"{ROOT}/check-runs",
        {"name": "ratchet", "head_sha": "HEAD", "external_id": "x"},
        keep="check",
    )
    both.ask("PATCH", f"{ROOT}/check-runs/{{check}}", {"status": "in_progress"})
    both.ask("PATCH", f"{ROOT}/check-runs/{{check}}", {"conclusion": "success", "output": output})
    both.ask("GET", f"{ROOT}/check-runs/{{check}}")
    both.ask("GET", f"{ROOT}/check-runs/999999")


def _compare_deliveries(both: Both) -> None:
    both.fake.settle()
    told: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for headers, body in both.listener.got:
        assert headers["x-hub-signature-256"] == signatures(both.fake.secret, body)["X-Hub-Signature-256"]
        said = json.loads(body)
        ours = said["repository"]["url"].startswith(both.fake.url)
        told[ours].append((headers["x-github-event"], said["action"]))
    assert ("pull_request", "opened") in told[True]
    # It took two pull requests more, and does not tell of check runs that end.
    ended = ("check_run", "completed")
    assert [one for one in told[True] if one != ended] == list(dict.fromkeys(told[False]))
