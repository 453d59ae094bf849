"""What the fake forge knows: mutable records, read and changed under one lock."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from agent.protocol.forge import Permission
from tests.forge import git


def stamp(seconds: float | None = None) -> str:
    """Return a time as GitHub writes it, whole seconds in UTC."""
    moment = datetime.fromtimestamp(time.time() if seconds is None else seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class User:
    """An account."""

    login: str
    id: int
    bot: bool = False
    app: int | None = None
    organization: bool = False
    ours: bool = False
    """It is the bot under test, which keeps to rules of its own."""


@dataclass
class Reaction:
    """One person's reaction to one thing."""

    id: int
    user: User
    content: str
    at: str = field(default_factory=stamp)


@dataclass
class Comment:
    """A comment in a thread, or (with a path) on a line of a pull request."""

    id: int
    author: User
    body: str
    at: str = field(default_factory=stamp)
    changed_at: str = field(default_factory=stamp)
    reactions: list[Reaction] = field(default_factory=list)
    path: str | None = None
    line: int | None = None
    start_line: int | None = None
    side: str = "RIGHT"
    commit: str = ""
    review: int | None = None
    reply_to: int | None = None
    hunk: str = ""


@dataclass
class Review:
    """A review of a pull request."""

    id: int
    author: User
    body: str
    state: str
    commit: str
    comments: list[Comment] = field(default_factory=list)
    at: str = field(default_factory=stamp)


@dataclass
class Pull:
    """What a thread has when it is a pull request."""

    head: "Hosted | None"
    head_branch: str
    base_branch: str
    head_commit: str
    base_commit: str
    draft: bool = False
    merged: bool = False
    reviews: list[Review] = field(default_factory=list)
    line_comments: list[Comment] = field(default_factory=list)


@dataclass
class Thread:
    """An issue or a pull request."""

    id: int
    number: int
    title: str
    body: str
    author: User
    state: str = "open"
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    pull: Pull | None = None
    at: str = field(default_factory=stamp)
    changed_at: str = field(default_factory=stamp)
    text_at: str | None = None
    """When its text was last edited."""
    titles_at: list[str] = field(default_factory=list)
    """When it got other titles."""


@dataclass
class Labeling:
    """That somebody gave a thread a label."""

    id: int
    thread: Thread
    label: str
    actor: User
    at: str = field(default_factory=stamp)


@dataclass
class Check:
    """A check run; `fields` are those of the request, annotations are kept apart as they add up."""

    id: int
    app: int
    fields: dict[str, Any]
    annotations: list[dict[str, Any]] = field(default_factory=list)
    at: str = field(default_factory=stamp)

    @property
    def name(self) -> str:
        """Return its name."""
        return str(self.fields["name"])

    @property
    def head(self) -> str:
        """Return the commit that it is about."""
        return str(self.fields["head_sha"])

    @property
    def external_id(self) -> str:
        """Return what its maker knows it by."""
        return str(self.fields.get("external_id", ""))

    @property
    def status(self) -> str:
        """Return whether it is completed."""
        return str(self.fields.get("status", "queued"))

    @property
    def conclusion(self) -> str | None:
        """Return how it ended."""
        return self.fields.get("conclusion")

    @property
    def output(self) -> dict[str, Any]:
        """Return title, summary and text."""
        return dict(self.fields.get("output") or {})


@dataclass
class Status:
    """A status of a commit."""

    id: int
    commit: str
    creator: User
    fields: dict[str, Any]
    at: str = field(default_factory=stamp)


@dataclass
class Job:
    """A job of an attempt of a workflow run."""

    id: int
    name: str
    conclusion: str
    labels: list[str]
    steps: list[tuple[str, str]]
    log: str


@dataclass
class Artifact:
    """An archive of files that a run kept."""

    id: int
    name: str
    content: bytes
    expired: bool = False
    at: str = field(default_factory=stamp)


@dataclass
class Run:
    """A workflow run; `attempts` holds the jobs of each attempt."""

    id: int
    name: str
    path: str
    event: str
    conclusion: str
    head: str
    branch: str
    origin: "Hosted | None"
    actor: User
    triggered_by: User
    pulls: list[int]
    attempts: list[list[Job]]
    artifacts: list[Artifact] = field(default_factory=list)
    at: str = field(default_factory=stamp)


@dataclass
class Hosted:
    """A repository, bare on the disk."""

    id: int
    owner: User
    name: str
    path: Path
    private: bool = False
    default_branch: str = "main"
    fork_of: "Hosted | None" = None
    granted: dict[str, Permission] = field(default_factory=dict)
    drafts: bool = True
    installed: bool = True
    """Whether the App is."""
    protected: list[str] = field(default_factory=lambda: ["main"])
    """Globs of branches that nobody forces."""
    labels: dict[str, int] = field(default_factory=dict)
    threads: dict[int, Thread] = field(default_factory=dict)
    labelings: list[Labeling] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    runs: dict[int, Run] = field(default_factory=dict)
    at: str = field(default_factory=stamp)

    @property
    def full_name(self) -> str:
        """Return `owner/name`."""
        return f"{self.owner.login}/{self.name}"

    def permission(self, login: str) -> Permission:
        """Return what somebody may do; everybody may read what is public."""
        if login.lower() == self.owner.login.lower():
            return Permission.ADMIN
        usual = Permission.NONE if self.private else Permission.READ
        return next((p for name, p in self.granted.items() if name.lower() == login.lower()), usual)

    def next_number(self) -> int:
        """Return the number of the next issue or pull request."""
        return max(self.threads, default=0) + 1

    def all_comments(self) -> Iterator[tuple[Thread, Comment]]:
        """Yield the comments of all threads, without those on lines."""
        for thread in self.threads.values():
            yield from ((thread, comment) for comment in thread.comments)

    def line_comments(self) -> Iterator[tuple[Thread, Comment]]:
        """Yield the comments on lines of all pull requests."""
        for thread in self.threads.values():
            yield from ((thread, comment) for comment in (thread.pull.line_comments if thread.pull else ()))

    def jobs(self) -> Iterator[tuple[Run, int, Job]]:
        """Yield the jobs of all attempts of all runs."""
        for run in self.runs.values():
            for attempt, jobs in enumerate(run.attempts, 1):
                yield from ((run, attempt, job) for job in jobs)

    def artifacts(self) -> Iterator[tuple[Run, Artifact]]:
        """Yield the artifacts of all runs."""
        for run in self.runs.values():
            yield from ((run, artifact) for artifact in run.artifacts)

    def move_heads(self) -> list[tuple[Thread, str]]:
        """Bring the open pull requests from branches of this repository up to date; return what moved."""
        moved = []
        for target in {id(r): r for r in (self, self.fork_of) if r}.values():
            for thread in target.threads.values():
                pull = thread.pull
                if not pull or thread.state != "open" or pull.head is not self:
                    continue
                tip = git.tip(self.path, pull.head_branch)
                if tip and tip != pull.head_commit:
                    moved.append((thread, pull.head_commit))
                    target.set_head(thread, tip)
        return moved

    def set_head(self, thread: Thread, tip: str) -> None:
        """Note where the head of a pull request stands, and keep it under `refs/pull`."""
        pull = thread.pull
        assert pull and pull.head
        pull.head_commit = tip
        pull.base_commit = git.tip(self.path, pull.base_branch) or pull.base_commit
        git.take(self.path, pull.head.path, tip, f"refs/pull/{thread.number}/head")
        thread.changed_at = stamp()


@dataclass
class Kept:
    """A delivery as the App's list of deliveries has it."""

    id: int
    guid: str
    event: str
    action: str | None
    headers: dict[str, str]
    body: bytes
    at: float
    status: int = 0
    seconds: float = 0.0
    redelivery: bool = False
    repository: int | None = None
    installation: int | None = None
    answer: str = ""


class World:
    """All of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = threading.RLock()
        self.users: dict[str, User] = {}
        self.repositories: dict[str, Hosted] = {}
        self.renamed: dict[str, Hosted] = {}
        """By the old name, in lower case."""
        self.deliveries: list[Kept] = []
        self.apps: dict[int, str] = {}
        self.api = self.web = self.blobs = ""
        self._ids = count(1001)

    def new_id(self) -> int:
        """Return a number that nothing else has."""
        return next(self._ids)

    def user(self, login: str, *, bot: bool = False, app: int | None = None) -> User:
        """Return an account; who is not known is made."""
        found = self.users.get(login.lower())
        if found is None:
            found = User(login, self.new_id(), bot or login.endswith("[bot]"), app)
            self.users[login.lower()] = found
        return found

    def repository(self, full_name: str) -> Hosted | None:
        """Return a repository by `owner/name`, in any case."""
        return self.repositories.get(full_name.lower())
