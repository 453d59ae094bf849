"""What Ratchet needs of a forge: the swap point for GitHub, GitLab and Gitea."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from agent.protocol.forge import Permission, PullRequest
from agent.repo.forge.values import (
    Account,
    Branch,
    Comment,
    Delivery,
    GitAccess,
    Issue,
    Job,
    PostedCheck,
    PostedPull,
    PostedReview,
    Seen,
    WorkflowRun,
)

Json = Mapping[str, Any]


class ReadsForge(Protocol):
    """Looks things up. `repository` is `owner/name`; every call raises ForgeError.

    No call waits for a rate limit: ForgeBusy says for how long to leave the forge alone.
    """

    def me(self) -> Account:
        """Return whom our own writing comes from."""

    def permission(self, repository: str, login: str) -> Permission:
        """Return what somebody may do; NONE for whoever is not known there."""

    def pull(self, repository: str, number: int) -> PullRequest:
        """Return a pull request as it stands."""

    def pull_diff(self, repository: str, number: int) -> str:
        """Return the unified diff of a pull request, against which review comments are placed."""

    def issue(self, repository: str, number: int) -> Issue:
        """Return an issue, or what a pull request has of one."""

    def edited(self, repository: str, number: int) -> int:
        """Return when title or text of an issue were last changed, seconds since the epoch; 0 for never."""

    def default_branch(self, repository: str) -> Branch:
        """Return the branch that pull requests go to by default."""

    def is_public(self, repository: str) -> bool:
        """Say whether everybody may read a repository, so that a reader is nobody in particular."""

    def run(self, repository: str, run: int) -> WorkflowRun:
        """Return a workflow run."""

    def jobs(self, repository: str, run: int, attempt: int) -> tuple[Job, ...]:
        """Return the jobs of an attempt of a run."""

    def log(self, repository: str, job: int) -> str:
        """Return the log of a job, at most its last 4 MiB."""

    def reports(self, repository: str, run: int, since: int = 0) -> Iterable[bytes]:
        """Yield the XML files in the artifacts of a run, of any kind: at most 5 MiB each and 200 MiB in all.

        Artifacts made before `since` (seconds since the epoch) and what cannot be unpacked are left out.
        """

    def comments(self, repository: str, number: int) -> Iterable[Comment]:
        """Yield the comments of an issue or pull request, oldest first."""

    def checks(self, repository: str, commit: str, name: str) -> Iterable[PostedCheck]:
        """Yield the check runs of a name on a commit."""

    def reviews(self, repository: str, number: int) -> Iterable[PostedReview]:
        """Yield the reviews of a pull request, oldest first."""

    def pulls_from(self, repository: str, branch: str) -> Iterable[PostedPull]:
        """Yield the pull requests, open and closed, from a branch of this very repository."""

    def git_access(self, repository: str) -> GitAccess:
        """Return how git fetches from and pushes to a repository; good for at least ten minutes."""


class WritesForge(Protocol):
    """Makes things. Each call is one request, so that a ForgeUnreachable leaves one thing in doubt."""

    def react(self, repository: str, comment: int, content: str, *, on_line: bool = False) -> None:
        """React to a comment; `on_line` when it is one of a review. The same again changes nothing."""

    def create_comment(self, repository: str, number: int, body: str) -> Comment:
        """Comment on an issue or a pull request."""

    def edit_comment(self, repository: str, comment: int, body: str) -> Comment:
        """Replace the text of a comment of ours."""

    def create_check(self, repository: str, fields: Json) -> PostedCheck:
        """Make a check run; fields as GitHub's `POST /repos/{owner}/{repo}/check-runs`."""

    def update_check(self, repository: str, check: int, fields: Json) -> PostedCheck:
        """Change a check run, or add annotations to it."""

    def create_status(
        self, repository: str, commit: str, *, state: str, context: str, description: str
    ) -> None:
        """Say how a commit stands, where check runs are not ours to make; the newest of a context counts."""

    def create_review(self, repository: str, number: int, fields: Json) -> PostedReview:
        """Review a pull request, never approving; fields as GitHub's `POST …/pulls/{number}/reviews`."""

    def create_pull(self, repository: str, *, head: str, base: str, title: str, body: str) -> PostedPull:
        """Open a pull request, as a draft where the repository has drafts."""


class WatchesForge(Protocol):
    """Finds what happened while nobody listened; every call raises ForgeError."""

    def deliveries(self, since: int) -> Iterable[Delivery]:
        """Yield the deliveries from `since` (seconds since the epoch) on, newest first.

        None without an App: a token may not ask for them. GitHub keeps them for three days.
        """

    def redeliver(self, delivery: int) -> None:
        """Have a delivery sent again, with its old GUID."""

    def events_since(self, repository: str, since: int) -> Sequence[Seen]:
        """Return what deliveries would have told of a repository since then, oldest first.

        Comments, labels, pushes to open pull requests and failed runs; buttons cannot be asked for. The same
        thing has the same key for ever, and may be returned again.
        """


class Forge(ReadsForge, WritesForge, WatchesForge, Protocol):
    """All of it."""

    def close(self) -> None:
        """Let go of its connections."""
