"""Deliveries as GitHub makes them, small and signed."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from typing import Any

SECRET = b"a secret of the tests, at least 32 bytes of it"
OLD_SECRET = b"the one before it, which still counts for some time"
SHOP: dict[str, Any] = {"id": 7, "full_name": "acme/shop"}
FORK: dict[str, Any] = {"id": 8, "full_name": "mallory/shop"}
ANN: dict[str, Any] = {"login": "ann", "type": "User"}
ROBOT: dict[str, Any] = {"login": "robot[bot]", "type": "Bot"}
US: dict[str, Any] = {"login": "ratchet-user", "type": "User"}
HEAD = "a" * 40
Json = dict[str, Any]


def comment(body: str = "/ratchet fix", *, id: int = 1, action: str = "created", **more: Any) -> Json:
    """Return a comment on a pull request."""
    sender = more.pop("sender", ANN)
    said = {"id": id, "body": body, "user": sender}
    issue = {"number": 12, "title": "Add tax", "state": "open", "pull_request": {"url": "x"}}
    return event(action, sender, comment=said, **{"issue": issue, **more})


def line_comment(body: str = "/ratchet fix", *, action: str = "created", sender: Json = ANN) -> Json:
    """Return a comment on a line of a pull request."""
    said = {"id": 2, "body": body, "user": sender}
    return event(action, sender, comment=said, pull_request=pull())


def pushed(action: str = "synchronize", *, sender: Json = ANN, **more: Any) -> Json:
    """Return what happens to a pull request."""
    return event(action, sender, number=12, pull_request=pull(**more))


def labeled(label: str = "ratchet", *, on: str = "issue", sender: Json = ANN, **more: Any) -> Json:
    """Return a label that an issue or a pull request gets."""
    thing = (
        {"issue": {"number": 3, "state": "open", **more}} if on == "issue" else {"pull_request": pull(**more)}
    )
    return event("labeled", sender, label={"name": label}, **thing)


def ran(conclusion: str = "failure", *, action: str = "completed", sender: Json = ANN, **more: Any) -> Json:
    """Return a run of a workflow that has ended."""
    run = {
        "id": 5,
        "run_attempt": 2,
        "conclusion": conclusion,
        "event": "push",
        "head_branch": "tax",
        "head_sha": HEAD,
        "head_repository": SHOP,
        "actor": sender,
        "triggering_actor": sender,
        "pull_requests": [{"number": 12, "base": {"repo": {"id": 7}}}],
    }
    return event(action, sender, workflow={"id": 1}, workflow_run={**run, **more})


def button(identifier: str = "fix", *, app: int = 99, sender: Json = ANN, **more: Any) -> Json:
    """Return a button of a check run that somebody pressed."""
    listed = [{"number": 12, "base": {"repo": {"id": 7}}}]
    check = {"id": 4, "head_sha": HEAD, "app": {"id": app}, "pull_requests": listed, **more}
    return event("requested_action", sender, check_run=check, requested_action={"identifier": identifier})


def pull(**more: Any) -> Json:
    """Return a pull request of a branch of the very repository."""
    head = {"ref": "tax", "sha": HEAD, "repo": SHOP, **more.pop("head", {})}
    return {"number": 12, "state": "open", "draft": False, "head": head, **more}


def event(action: str, sender: Json, **more: Any) -> Json:
    """Return a payload."""
    known = {"action": action, "repository": SHOP, "sender": sender, "installation": {"id": 77}}
    return {**known, **more}


def signed(body: bytes, secret: bytes = SECRET) -> str:
    """Return what stands in X-Hub-Signature-256."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


def encoded(payload: Mapping[str, Any]) -> bytes:
    """Return the bytes of a payload."""
    return json.dumps(payload, separators=(",", ":")).encode()


def headers(event: str, body: bytes, guid: str = "", **more: str) -> dict[str, str]:
    """Return the headers of a delivery, correctly signed."""
    return {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid or str(uuid.uuid4()),
        "X-Hub-Signature-256": signed(body),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
