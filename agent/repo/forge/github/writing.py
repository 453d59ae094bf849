"""Making things on GitHub, each by one request."""

from agent.repo.forge.errors import ForgeRefused
from agent.repo.forge.github.api import Api
from agent.repo.forge.github.pulls import CommentShape, PullShape, ReviewShape
from agent.repo.forge.github.runs import CheckShape
from agent.repo.forge.github.shape import Nothing
from agent.repo.forge.port import Json
from agent.repo.forge.values import Comment, PostedCheck, PostedPull, PostedReview

_DESCRIPTION = 140
_REVIEWS = ("COMMENT", "REQUEST_CHANGES")


class GitHubWriting:
    """WritesForge over the REST API."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def react(self, repository: str, comment: int, content: str, *, on_line: bool = False) -> None:
        """React to a comment; GitHub answers the same again with what is there (200)."""
        kind = "pulls" if on_line else "issues"
        segments = (kind, "comments", comment, "reactions")
        self._api.send(Nothing, "POST", repository, *segments, body={"content": content})

    def create_comment(self, repository: str, number: int, body: str) -> Comment:
        """Comment on an issue or a pull request."""
        segments = ("issues", number, "comments")
        return self._api.send(CommentShape, "POST", repository, *segments, body={"body": body}).value()

    def edit_comment(self, repository: str, comment: int, body: str) -> Comment:
        """Replace the text of a comment of ours."""
        segments = ("issues", "comments", comment)
        return self._api.send(CommentShape, "PATCH", repository, *segments, body={"body": body}).value()

    def create_check(self, repository: str, fields: Json) -> PostedCheck:
        """Make a check run; ForgeRefused without an App."""
        return self._api.send(CheckShape, "POST", repository, "check-runs", body=dict(fields)).value()

    def update_check(self, repository: str, check: int, fields: Json) -> PostedCheck:
        """Change a check run, or add annotations to it."""
        return self._api.send(CheckShape, "PATCH", repository, "check-runs", check, body=dict(fields)).value()

    def create_status(
        self, repository: str, commit: str, *, state: str, context: str, description: str
    ) -> None:
        """Say how a commit stands; a description is cut to GitHub's 140 characters."""
        said = {"state": state, "context": context, "description": description[:_DESCRIPTION]}
        self._api.send(Nothing, "POST", repository, "statuses", commit, body=said)

    def create_review(self, repository: str, number: int, fields: Json) -> PostedReview:
        """Review a pull request; ForgeRefused for one that would approve it or that nobody could see."""
        if fields.get("event") not in _REVIEWS:
            raise ForgeRefused("a review of ours comments or requests changes, and nothing else")
        return self._api.send(
            ReviewShape, "POST", repository, "pulls", number, "reviews", body=dict(fields)
        ).value()

    def create_pull(self, repository: str, *, head: str, base: str, title: str, body: str) -> PostedPull:
        """Open a pull request, as a draft where the repository has drafts."""
        said = {"head": head, "base": base, "title": title, "body": body}
        try:
            return self._api.send(
                PullShape, "POST", repository, "pulls", body={**said, "draft": True}
            ).posted()
        except ForgeRefused as refused:
            # Nothing was made, so that still only one request is ever in doubt.
            if "draft" not in refused.message.lower():
                raise
        return self._api.send(PullShape, "POST", repository, "pulls", body={**said, "draft": False}).posted()
