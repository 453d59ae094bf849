"""The things that a task has made on its forge: pure values, each found again by what it carries."""

from collections.abc import Mapping
from typing import Any, Literal

from agent.protocol.forge import ObjectId, RepositoryName
from agent.protocol.value import Value
from agent.publishing.rendering.check_run import CheckRun
from agent.publishing.rendering.review import Review

Result = Mapping[str, Any]
"""What came of an effect, as JSON: `id` or `number`, `url` where it has one; `failed` says why not."""


class React(Value):
    """A reaction to the comment that asked."""

    kind: Literal["react"] = "react"
    comment: int
    content: str
    on_line: bool = False


class Post(Value):
    """A comment of its own; made once, found by its first line, the marker."""

    kind: Literal["post"] = "post"
    number: int
    marker: str
    body: str


class Sticky(Value):
    """The one comment of a pull request; found by marker and author, made or brought up to date."""

    kind: Literal["sticky"] = "sticky"
    number: int
    body: str


class BeginCheck(Value):
    """A check run that is at work; found by name and external id."""

    kind: Literal["begin_check"] = "begin_check"
    name: str
    head: ObjectId
    external_id: str
    title: str


class EndCheck(Value):
    """A finished check run with all its annotations; a status where check runs are not ours to make."""

    kind: Literal["end_check"] = "end_check"
    check: CheckRun


class Push(Value):
    """A branch below `ratchet/`, from our mirror; found by where it stands, never forced over others."""

    kind: Literal["push"] = "push"
    mirror: str
    """Absolute path of our clone."""
    branch: str
    commit: ObjectId


class OpenPull(Value):
    """A pull request from a branch of ours; found by that branch."""

    kind: Literal["open_pull"] = "open_pull"
    head: str
    base: str
    title: str
    body: str


class PostReview(Value):
    """One grouped review; found by its marker and author, made once."""

    kind: Literal["post_review"] = "post_review"
    number: int
    head: ObjectId
    marker: str
    review: Review


Effect = React | Post | Sticky | BeginCheck | EndCheck | Push | OpenPull | PostReview


class Wanted(Value):
    """The next effect of a task, under a name that is unique in the task and the same in every process."""

    name: str
    repository: RepositoryName
    effect: Effect
