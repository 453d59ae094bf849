"""Issues, pull requests, and what is said about them."""

import re
from datetime import datetime
from typing import Any

from pydantic import AliasPath, Field

from agent.protocol.forge import ObjectId, PullRequest
from agent.repo.forge.github.accounts import GHOST, UserShape
from agent.repo.forge.github.shape import Dated, Shape, seconds
from agent.repo.forge.values import Account, Branch, Comment, Issue, PostedPull, PostedReview

_ISSUE = ("data", "repository", "issue")


class RepositoryShape(Shape):
    """A repository."""

    full_name: str
    default_branch: str = "main"
    private: bool = True


class TipShape(Shape):
    """A commit by its id."""

    sha: ObjectId


class BranchShape(Shape):
    """A branch."""

    name: str
    commit: TipShape

    def value(self) -> Branch:
        """Return it as the port's."""
        return Branch(name=self.name, commit=self.commit.sha)


class EndShape(Shape):
    """One end of a pull request."""

    ref: str
    sha: ObjectId
    repo: RepositoryShape | None = None


class PullShape(Dated):
    """A pull request, from a list or alone."""

    number: int
    title: str = ""
    body: str | None = None
    user: UserShape | None = None
    state: str
    draft: bool = False
    head: EndShape
    base: EndShape
    html_url: str = ""

    @property
    def author(self) -> Account:
        """Return who opened it."""
        return (self.user or GHOST).value()

    def value(self) -> PullRequest:
        """Return it as the port's."""
        return PullRequest(
            number=self.number,
            title=self.title,
            body=self.body or "",
            author=self.author.login,
            open=self.state == "open",
            draft=self.draft,
            head=self.head.sha,
            head_branch=self.head.ref,
            head_repository=self.head.repo.full_name if self.head.repo else None,
            base=self.base.sha,
            base_branch=self.base.ref,
        )

    def is_from(self, repository: str) -> bool:
        """Say whether its branch is one of a repository, `owner/name`."""
        return self.head.repo is not None and self.head.repo.full_name.lower() == repository.lower()

    def posted(self) -> PostedPull:
        """Return it as one of a list."""
        return PostedPull(
            number=self.number,
            author=self.author,
            body=self.body or "",
            url=self.html_url,
            head_branch=self.head.ref,
            head=self.head.sha,
            open=self.state == "open",
        )


class IssueShape(Shape):
    """An issue, or a pull request as one."""

    number: int
    title: str = ""
    body: str | None = None
    user: UserShape | None = None
    state: str = "open"
    pull_request: dict[str, Any] | None = None

    def value(self) -> Issue:
        """Return it as the port's."""
        return Issue(
            number=self.number,
            title=self.title,
            body=self.body or "",
            author=(self.user or GHOST).login,
            open=self.state == "open",
            is_pull=self.pull_request is not None,
        )


class RenamedShape(Shape):
    """That an issue got another title."""

    at: datetime = Field(validation_alias="createdAt")


class EditedShape(Shape):
    """What edited.graphql finds."""

    text: datetime | None = Field(validation_alias=AliasPath(*_ISSUE, "lastEditedAt"))
    titles: tuple[RenamedShape, ...] = Field(validation_alias=AliasPath(*_ISSUE, "timelineItems", "nodes"))

    @property
    def at(self) -> int:
        """Return when the last change of either was, in seconds since the epoch; 0 for never."""
        moments = (self.text, *(one.at for one in self.titles))
        return max((seconds(moment) for moment in moments if moment is not None), default=0)


class CommentShape(Dated):
    """A comment on an issue, a pull request or a line of one."""

    id: int
    body: str | None = None
    user: UserShape | None = None
    html_url: str = ""
    issue_url: str = ""
    pull_request_url: str = ""
    commit_id: str | None = None

    @property
    def author(self) -> Account:
        """Return who wrote it."""
        return (self.user or GHOST).value()

    @property
    def edited(self) -> bool:
        """Say whether it was changed since."""
        return self.updated_at != self.created_at

    @property
    def number(self) -> int | None:
        """Return the number of what it stands at."""
        last = (self.pull_request_url or self.issue_url).rpartition("/")[2]
        return int(last) if re.fullmatch(r"[0-9]{1,18}", last) else None

    def value(self) -> Comment:
        """Return it as the port's."""
        return Comment(
            id=self.id, author=self.author, body=self.body or "", url=self.html_url, edited=self.edited
        )


class LabelShape(Shape):
    """A label."""

    name: str = ""


class IssueEventShape(Shape):
    """Something that was done to an issue."""

    id: int
    event: str = ""
    actor: UserShape | None = None
    label: LabelShape | None = None
    issue: IssueShape | None = None
    created_at: datetime


class ReviewShape(Shape):
    """A review."""

    id: int
    user: UserShape | None = None
    body: str | None = None
    html_url: str = ""

    def value(self) -> PostedReview:
        """Return it as the port's."""
        return PostedReview(
            id=self.id, author=(self.user or GHOST).value(), body=self.body or "", url=self.html_url
        )
