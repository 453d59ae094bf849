"""What a delivery says, as far as it is used; GitHub may add whatever it likes, or leave out the rest."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from agent.bot.errors import NotUnderstood

_STRANGE = frozenset({"deployment", "discussion", "review", "reviewers", "thread"})
"""What other events have beside the things that ours are told by."""
_OBJECT = TypeAdapter(dict[str, Any])


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Account(_Lenient):
    """Somebody."""

    login: str
    type: str = "User"

    @property
    def is_bot(self) -> bool:
        """Say whether it is no person."""
        return self.type != "User" or self.login.endswith("[bot]")


class Repository(_Lenient):
    """A repository."""

    id: int
    full_name: str


class Nearby(_Lenient):
    """A repository as lists inside of other things have it."""

    id: int


class Installation(_Lenient):
    """The App in an account."""

    id: int


class Comment(_Lenient):
    """A comment."""

    id: int
    body: str | None = None
    user: Account | None = None


class Label(_Lenient):
    """A label."""

    name: str


class Issue(_Lenient):
    """An issue, or what a pull request has of one."""

    number: int
    state: str = "open"
    title: str | None = None
    body: str | None = None
    pull_request: Mapping[str, Any] | None = None


class Side(_Lenient):
    """The head or the base of a pull request."""

    ref: str
    sha: str
    repo: Repository | None = None


class Pull(_Lenient):
    """A pull request."""

    number: int
    state: str = "open"
    draft: bool | None = None
    head: Side


class Target(_Lenient):
    """Where a listed pull request goes to."""

    repo: Nearby | None = None


class ListedPull(_Lenient):
    """A pull request as runs and checks list it, those of other repositories too."""

    number: int
    base: Target


class Run(_Lenient):
    """A run of a workflow."""

    id: int
    run_attempt: int = 1
    conclusion: str | None = None
    head_branch: str | None = None
    head_sha: str
    head_repository: Repository | None = None
    actor: Account | None = None
    triggering_actor: Account | None = None
    pull_requests: tuple[ListedPull, ...] = ()


class App(_Lenient):
    """A GitHub App."""

    id: int


class Check(_Lenient):
    """A check run."""

    head_sha: str
    app: App | None = None
    pull_requests: tuple[ListedPull, ...] = ()


class Button(_Lenient):
    """What was pressed."""

    identifier: str


class Payload(_Lenient):
    """The body of a delivery."""

    action: str = ""
    repository: Repository
    sender: Account
    installation: Installation | None = None
    comment: Comment | None = None
    issue: Issue | None = None
    label: Label | None = None
    pull_request: Pull | None = None
    workflow_run: Run | None = None
    check_run: Check | None = None
    requested_action: Button | None = None


def read_json(body: bytes) -> Mapping[str, Any]:
    """Return the object that a body is; raises NotUnderstood."""
    try:
        # Unlike the standard library's it bounds the depth and refuses halves of surrogate pairs.
        return _OBJECT.validate_json(body)
    except ValidationError:
        raise NotUnderstood("the body is no JSON object that can be read") from None


def event_of(body: Mapping[str, Any]) -> str | None:
    """Return which of the events that matter here a body is of, by what it holds; None for any other."""
    if body.keys() & _STRANGE:
        return None
    if "comment" in body:
        return (
            "issue_comment" if "issue" in body else _if("pull_request_review_comment", "pull_request", body)
        )
    if "pull_request" in body or "issue" in body:
        return "pull_request" if "pull_request" in body else "issues"
    return _if("workflow_run", "workflow_run", body) or _if("check_run", "check_run", body)


def _if(event: str, holds: str, body: Mapping[str, Any]) -> str | None:
    return event if holds in body else None


def read_payload(body: Mapping[str, Any]) -> Payload:
    """Return what a body says; raises NotUnderstood when something that is used is missing or strange."""
    try:
        return Payload.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise NotUnderstood(f"{place}: {first['msg']}") from None
