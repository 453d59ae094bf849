"""Deliveries: what webhooks say, signed and sent as GitHub does."""

import hashlib
import hmac
import json
import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import httpx

from tests.forge.openapi import Contract
from tests.forge.shapes import commits, people, runs, threads
from tests.forge.world import Check, Comment, Hosted, Kept, Review, Run, Thread, User, World

Delivery = tuple[dict[str, str], bytes]
"""Headers and body."""
WEBHOOKS = (
    "check-run-created",
    "check-run-completed",
    "check-run-requested-action",
    "check-run-rerequested",
    "issue-comment-created",
    "issue-comment-edited",
    "issue-comment-deleted",
    "issues-opened",
    "issues-labeled",
    "issues-unlabeled",
    "issues-closed",
    "issues-edited",
    "pull-request-opened",
    "pull-request-synchronize",
    "pull-request-labeled",
    "pull-request-reopened",
    "pull-request-closed",
    "pull-request-edited",
    "pull-request-ready-for-review",
    "pull-request-unlabeled",
    "pull-request-review-submitted",
    "pull-request-review-comment-created",
    "pull-request-review-comment-edited",
    "workflow-run-completed",
    "workflow-run-requested",
    "ping",
    "push",
)
_PATIENCE = 10.0
"""Seconds that GitHub waits for an answer."""
_HOOK = 4242


class Events:
    """Makes payloads, signs them, sends them, and remembers what came of it."""

    def __init__(self, world: World, contract: Contract, secret: str, app: int, installation: int) -> None:
        self._world, self._contract = world, contract
        self._app, self._installation = app, installation
        self.secret = secret
        self.url = ""
        """Where everything that happens is told; empty for nowhere."""
        self.as_app = False
        """Whether payloads name the installation, as those that an App gets do."""
        self.violations: list[str] = []
        """What is wrong with payloads, which the fake keeps among all that is wrong."""
        self._queue: queue.Queue[tuple[str, Kept] | None] = queue.Queue()
        self._thread: threading.Thread | None = None

    def tell(self, event: str, action: str, repository: Hosted, sender: User, **about: Any) -> None:
        """Deliver something that just happened, if anybody listens."""
        if self.url:
            self._enqueue(self.url, self.make(event, action, repository, sender, **about))

    def again(self, kept: Kept) -> None:
        """Deliver once more, as a delivery of its own with the old GUID."""
        if self.url:
            self._enqueue(
                self.url, replace(kept, id=self._world.new_id(), redelivery=True, at=time.time(), status=0)
            )

    def make(self, event: str, action: str | None, repository: Hosted, sender: User, **about: Any) -> Kept:
        """Return a delivery that is not sent yet, signed."""
        payload = self.payload(event, action, repository, sender, **about)
        return self.signed(event, action, payload, repository.id)

    def signed(self, event: str, action: str | None, payload: Any, repository: int | None = None) -> Kept:
        """Return the delivery of any payload."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        guid = str(uuid.uuid4())
        headers = {
            "Accept": "*/*",
            "Content-Type": "application/json",
            "User-Agent": "GitHub-Hookshot/0123456",
            "X-GitHub-Delivery": guid,
            "X-GitHub-Event": event,
            "X-GitHub-Hook-ID": str(_HOOK),
            "X-GitHub-Hook-Installation-Target-ID": str(self._app if self.as_app else repository or 0),
            "X-GitHub-Hook-Installation-Target-Type": "integration" if self.as_app else "repository",
            **signatures(self.secret, body),
        }
        installation = self._installation if self.as_app else None
        kept = Kept(self._world.new_id(), guid, event, action, headers, body, time.time())
        kept.repository, kept.installation = repository, installation
        return kept

    def payload(
        self, event: str, action: str | None, found: Hosted, sender: User, **about: Any
    ) -> Mapping[str, Any]:
        """Return what a delivery says."""
        world = self._world
        said: dict[str, Any] = {} if action is None else {"action": action}
        part = _PARTS.get(event)
        said |= part(world, found, **about) if part else about
        said["repository"] = people.repository(world, found)
        said["sender"] = people.user(world, sender)
        if found.owner.organization:
            said["organization"] = people.organization(world, found.owner)
        if self.as_app:
            said["installation"] = {"id": self._installation, "node_id": f"INST_{self._installation}"}
        webhook = f"{event}-{action}" if action else event
        webhook = webhook.replace("_", "-")
        if webhook not in WEBHOOKS:
            return said
        whole: Mapping[str, Any] = self._contract.payload(webhook, said)
        self.violations += [
            f"payload {webhook}: {error}" for error in self._contract.payload_errors(webhook, whole)
        ]
        return whole

    def send(self, url: str, kept: Kept) -> httpx.Response | None:
        """Deliver now and remember what came of it; None when nobody answered."""
        begun = time.monotonic()
        answer = None
        try:
            answer = httpx.post(
                url, content=kept.body, headers=kept.headers, timeout=_PATIENCE, trust_env=False
            )
        except httpx.TransportError:
            kept.status = 0
        else:
            kept.status, kept.answer = answer.status_code, answer.text[:1000]
        kept.seconds = time.monotonic() - begun
        self.remember(kept)
        return answer

    def remember(self, kept: Kept) -> None:
        """Put a delivery on the App's list, whatever came of it."""
        with self._world.lock:
            self._world.deliveries.append(kept)

    def settle(self) -> None:
        """Wait until everything that was told has been delivered."""
        self._queue.join()

    def close(self) -> None:
        """Deliver nothing any more."""
        if self._thread:
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    def _enqueue(self, url: str, kept: Kept) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._deliver_all, name="deliveries", daemon=True)
            self._thread.start()
        self._queue.put((url, kept))

    def _deliver_all(self) -> None:
        while item := self._queue.get():
            self.send(*item)
            self._queue.task_done()
        self._queue.task_done()


def signatures(secret: str, body: bytes) -> dict[str, str]:
    """Return the headers that say who wrote a body."""
    return {
        "X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


def _issue_comment(
    world: World, found: Hosted, *, thread: Thread, comment: Comment, before: str = ""
) -> dict[str, Any]:
    said = {
        "issue": threads.issue(world, found, thread),
        "comment": threads.comment(world, found, thread, comment),
    }
    return said | ({"changes": {"body": {"from": before}}} if before else {})


def _line_comment(
    world: World, found: Hosted, *, thread: Thread, comment: Comment, before: str = ""
) -> dict[str, Any]:
    said = {
        "pull_request": threads.pull(world, found, thread, whole=False),
        "comment": threads.line_comment(world, found, thread, comment),
    }
    return said | ({"changes": {"body": {"from": before}}} if before else {})


def _review(world: World, found: Hosted, *, thread: Thread, review: Review) -> dict[str, Any]:
    shape = threads.review(world, found, thread, review)
    return {
        "pull_request": threads.pull(world, found, thread, whole=False),
        "review": {**shape, "state": review.state.lower()},
    }


def _labelled(world: World, found: Hosted, label: str) -> dict[str, Any]:
    return {"label": people.label(world, found, label)} if label else {}


def _issues(world: World, found: Hosted, *, thread: Thread, label: str = "") -> dict[str, Any]:
    return {"issue": threads.issue(world, found, thread), **_labelled(world, found, label)}


def _pull(
    world: World, found: Hosted, *, thread: Thread, label: str = "", before: str = ""
) -> dict[str, Any]:
    said = {"number": thread.number, "pull_request": threads.pull(world, found, thread)}
    moved = {"before": before, "after": thread.pull.head_commit} if before and thread.pull else {}
    return {**said, **_labelled(world, found, label), **moved}


def _check(world: World, found: Hosted, *, check: Check, identifier: str = "") -> dict[str, Any]:
    said: dict[str, Any] = {"check_run": commits.check(world, found, check)}
    return said | ({"requested_action": {"identifier": identifier}} if identifier else {})


def _run(world: World, found: Hosted, *, run: Run) -> dict[str, Any]:
    shape = runs.run(world, found, run)
    dates = {"created_at": run.at, "updated_at": run.at}
    workflow = {"id": 7, "node_id": "W_7", "name": run.name, "path": run.path, "state": "active", **dates}
    urls = dict.fromkeys(("url", "html_url", "badge_url"), shape["workflow_url"])
    return {"workflow_run": shape, "workflow": {**workflow, **urls}}


_PARTS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "issue_comment": _issue_comment,
    "pull_request_review": _review,
    "pull_request_review_comment": _line_comment,
    "issues": _issues,
    "pull_request": _pull,
    "check_run": _check,
    "workflow_run": _run,
}
