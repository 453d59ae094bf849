"""Looking things up on GitHub."""

from collections.abc import Iterator
from importlib.resources import files
from urllib.parse import urljoin, urlsplit

from agent.protocol.forge import Permission, PullRequest
from agent.repo.forge.errors import ForgeRefused, NotOnForge
from agent.repo.forge.github.accounts import AppShape, PermissionShape, UserShape
from agent.repo.forge.github.answers import NotPermitted
from agent.repo.forge.github.api import Api
from agent.repo.forge.github.artifacts import LARGEST, Unpacking, promising
from agent.repo.forge.github.authority import git_header
from agent.repo.forge.github.paths import path
from agent.repo.forge.github.pulls import (
    BranchShape,
    CommentShape,
    EditedShape,
    IssueShape,
    PullShape,
    RepositoryShape,
    ReviewShape,
)
from agent.repo.forge.github.runs import ArtifactShape, CheckShape, JobShape, RunShape
from agent.repo.forge.github.shape import parsed
from agent.repo.forge.github.wire import JSON
from agent.repo.forge.values import (
    Account,
    Branch,
    Comment,
    GitAccess,
    Issue,
    Job,
    PostedCheck,
    PostedPull,
    PostedReview,
    WorkflowRun,
)

_MIB = 1 << 20
_LOG = 4 * _MIB
_WHOLE_LOG = 1024 * _MIB
_DIFF = "application/vnd.github.diff"
_ACTIONS = "github-actions[bot]"


class GitHubReading:
    """ReadsForge over the REST API."""

    def __init__(self, api: Api, web: str) -> None:
        self._api = api
        self._web = web.rstrip("/")
        self._me: Account | None = None

    def me(self) -> Account:
        """Return whom our own writing comes from; a token of a workflow writes as `github-actions[bot]`."""
        if self._me is None:
            self._me = self._account() if self._api.authority.app is None else self._bot()
        return self._me

    def _account(self) -> Account:
        try:
            return self._api.get(UserShape, None, "user").value()
        except NotPermitted:
            # GITHUB_TOKEN belongs to an installation, which is nobody.
            return self._api.get(UserShape, None, path("users", _ACTIONS)).value()

    def _bot(self) -> Account:
        bot = path("users", f"{self._api.get(AppShape, None, 'app').slug}[bot]")
        try:
            answer = self._api.ask("GET", "", bot)
        except NotOnForge:
            # Installed nowhere yet, it has no token that may ask; everybody may.
            answer = self._api.wire.ask("GET", bot, {"Accept": JSON})
        return parsed(UserShape, answer.content).value()

    def permission(self, repository: str, login: str) -> Permission:
        """Return what somebody may do; NONE for whoever is not known there."""
        try:
            return self._api.get(PermissionShape, repository, "collaborators", login, "permission").value()
        except NotOnForge:
            return Permission.NONE

    def pull(self, repository: str, number: int) -> PullRequest:
        """Return a pull request as it stands."""
        return self._api.get(PullShape, repository, "pulls", number).value()

    def pull_diff(self, repository: str, number: int) -> str:
        """Return the unified diff; ForgeRefused (406) when GitHub finds it too large."""
        return self._api.text(repository, "pulls", number, accept=_DIFF)

    def issue(self, repository: str, number: int) -> Issue:
        """Return an issue, or what a pull request has of one."""
        return self._api.get(IssueShape, repository, "issues", number).value()

    def edited(self, repository: str, number: int) -> int:
        """Return when title or text of an issue were last changed; no list of the REST API has the text."""
        query = files("agent.repo.forge.github").joinpath("edited.graphql").read_text(encoding="utf-8")
        return self._api.query(EditedShape, repository, query, number=number).at

    def default_branch(self, repository: str) -> Branch:
        """Return the branch that pull requests go to by default, by two requests."""
        name = self._api.get(RepositoryShape, repository).default_branch
        return self._api.get(BranchShape, repository, "branches", name).value()

    def is_public(self, repository: str) -> bool:
        """Say whether everybody may read a repository."""
        return not self._api.get(RepositoryShape, repository).private

    def run(self, repository: str, run: int) -> WorkflowRun:
        """Return a workflow run."""
        return self._api.get(RunShape, repository, "actions", "runs", run).value()

    def jobs(self, repository: str, run: int, attempt: int) -> tuple[Job, ...]:
        """Return the jobs of an attempt of a run."""
        segments = ("actions", "runs", run, "attempts", attempt, "jobs")
        return tuple(one.value() for one in self._api.pages(JobShape, repository, *segments, key="jobs"))

    def log(self, repository: str, job: int) -> str:
        """Return the log of a job, at most its last 4 MiB."""
        url = self._api.path(repository, "actions", "jobs", job, "logs")
        return _log(self._elsewhere(repository, url, _LOG, _WHOLE_LOG))

    def reports(self, repository: str, run: int, since: int = 0) -> Iterator[bytes]:
        """Yield the XML files in at most ten artifacts of a run, those called as reports are first."""
        listed = self._api.pages(
            ArtifactShape, repository, "actions", "runs", run, "artifacts", key="artifacts"
        )
        unpacking = Unpacking()
        for one in promising(listed, since):
            url = self._api.path(repository, "actions", "artifacts", one.id, "zip")
            try:
                content = self._elsewhere(repository, url, LARGEST, LARGEST)
            except (NotOnForge, ForgeRefused):
                # Gone since, or larger than it says.
                continue
            yield from unpacking.files(content)

    def _elsewhere(self, repository: str, url: str, largest: int, most: int) -> bytes:
        """Return the last bytes of what GitHub keeps on another host, which is not told who we are."""
        answer = self._api.ask("GET", repository, url, follow=False)
        if not 300 <= answer.status < 400:
            return answer.content[-largest:]
        there = urljoin(str(self._api.wire.base), answer.headers.get("location", ""))
        if urlsplit(there).scheme not in ("https", self._api.wire.base.scheme):
            raise ForgeRefused("GitHub points to a file that is not fetched by https")
        return self._api.wire.tail(there, largest, most)

    def comments(self, repository: str, number: int) -> Iterator[Comment]:
        """Yield the comments of an issue or pull request, oldest first."""
        yield from (
            one.value() for one in self._api.pages(CommentShape, repository, "issues", number, "comments")
        )

    def checks(self, repository: str, commit: str, name: str) -> Iterator[PostedCheck]:
        """Yield the check runs of a name on a commit, also those that newer ones replace."""
        segments = ("commits", commit, "check-runs")
        found = self._api.pages(
            CheckShape, repository, *segments, key="check_runs", check_name=name, filter="all"
        )
        yield from (one.value() for one in found)

    def reviews(self, repository: str, number: int) -> Iterator[PostedReview]:
        """Yield the reviews of a pull request, oldest first."""
        yield from (
            one.value() for one in self._api.pages(ReviewShape, repository, "pulls", number, "reviews")
        )

    def pulls_from(self, repository: str, branch: str) -> Iterator[PostedPull]:
        """Yield the pull requests, open and closed, from a branch of this very repository."""
        owner = repository.partition("/")[0]
        found = self._api.pages(PullShape, repository, "pulls", head=f"{owner}:{branch}", state="all")
        # An owner can have forks of their own repository.
        yield from (one.posted() for one in found if one.head.ref == branch and one.is_from(repository))

    def git_access(self, repository: str) -> GitAccess:
        """Return how git fetches from and pushes to a repository; good for at least ten minutes."""
        self._api.path(repository)
        return GitAccess(
            url=f"{self._web}/{repository}.git", header=git_header(self._api.authority.token(repository))
        )


def _log(content: bytes) -> str:
    return content.decode("utf-8", "replace").removeprefix("\ufeff")
