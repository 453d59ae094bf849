"""What happened on a forge and led to a task, and what the forge says about it."""

import hashlib
import json
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from agent.protocol.value import Value

OUR_BRANCHES = "ratchet/"
"""What the names of all branches begin with that Ratchet makes by itself; it pushes to no others."""

ObjectId = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")]
RepositoryName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}$")]
"""`owner/name`."""


class Happened(StrEnum):
    """What led to a task."""

    COMMENT = "comment"
    """A command in a comment of an issue or a pull request."""
    REVIEW_COMMENT = "review_comment"
    """A command in a comment on a line of a pull request."""
    PULL = "pull"
    """A pull request was opened or got commits."""
    LABEL = "label"
    """An issue or a pull request got our label."""
    BUTTON = "button"
    """Somebody pressed a button of a check run."""
    RUN = "run"
    """A workflow run failed."""


_DEEDS = {
    Happened.COMMENT: "comment",
    Happened.REVIEW_COMMENT: "comment on a line",
    Happened.PULL: "pull request",
    Happened.LABEL: "label",
    Happened.BUTTON: "button of a check run pressed",
}


class Verb(StrEnum):
    """What is wanted."""

    FIX = "fix"
    DO = "do"
    REVIEW = "review"
    EXPLAIN = "explain"
    VERIFY = "verify"
    STOP = "stop"
    HELP = "help"
    UNKNOWN = "unknown"
    """Something was said that is no command."""


class Misunderstood(Value):
    """A line that addresses Ratchet and asks for nothing it knows; `line` is outside text."""

    line: str
    reason: str
    """One sentence of ours, without anything from outside."""


class Trigger(Value):
    """What happened, as the signed delivery says it; nothing of it gives anybody a right."""

    happened: Happened
    verb: Verb
    repository: RepositoryName
    number: int | None = Field(default=None, ge=1)
    """Of the issue or pull request; None for a run that belongs to neither."""
    actor: str = Field(min_length=1, max_length=100)
    """Login of whoever did it."""
    delivery: str = Field(default="", max_length=100)
    installation: int | None = None
    """Of the GitHub App, for its token."""
    comment: int | None = None
    head: ObjectId | None = None
    """Commit that the delivery is about; None when it names none."""
    run: int | None = None
    attempt: int = 1
    """Of the workflow run."""
    text: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    """Of the issue whose text is the goal, by `text_digest`, as it was given to us; None is not compared."""
    asked_at: int | None = Field(default=None, ge=0)
    """Seconds since the epoch, of what asks for such an issue and does not give its text: as it was then."""
    misunderstood: tuple[Misunderstood, ...] = ()

    @property
    def place(self) -> str:
        """Return what it is about, e.g. `owner/name#12`."""
        return self.repository if self.number is None else f"{self.repository}#{self.number}"

    @property
    def origin(self) -> str:
        """Return where it was and who did what, e.g. `owner/name#12 (comment by ann)`; outside text."""
        if self.happened is Happened.RUN:
            return f"{self.place} (workflow run {self.run} failed)"
        return f"{self.place} ({_DEEDS[self.happened]} by {self.actor})"


def text_digest(title: str, body: str) -> str:
    """Return the SHA-256 of what an issue says, as a JSON list: neither part runs into the other."""
    return hashlib.sha256(json.dumps([title, body]).encode()).hexdigest()


class Permission(StrEnum):
    """What somebody may do in a repository, in GitHub's words."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    @property
    def may_write(self) -> bool:
        """Say whether it lets somebody push."""
        return self in (Permission.WRITE, Permission.MAINTAIN, Permission.ADMIN)


class PullRequest(Value):
    """A pull request as the forge has it now; names and texts are outside text."""

    number: int
    title: str
    body: str = ""
    author: str
    open: bool
    draft: bool = False
    head: ObjectId
    head_branch: str
    head_repository: str | None
    """`owner/name`; None when it was deleted."""
    base: ObjectId
    base_branch: str

    def is_fork(self, repository: str) -> bool:
        """Say whether its commits come from another repository."""
        return self.head_repository is None or self.head_repository.lower() != repository.lower()


class RunEvidence(Value):
    """The failed step of a workflow run, as its log and its workflow file have it."""

    workflow: str
    """Path of the workflow file."""
    job: str
    step: str
    command: str
    """The shell script of the step, which the sandbox runs; empty when none of it can be run there."""
    python: str = Field(default="", pattern=r"^(3\.\d{1,2})?$")
    """The minor version of Python that the job asked for, such as `3.12`; empty when it asked for none."""
    failing: tuple[str, ...] = ()
    """Node ids of the tests that the log says failed, then those that only test reports of the run name."""
    message: str = ""
    """The line of the log that says what went wrong, where no test is named; outside text."""
    excerpt: str = ""
    """End of the step's log, without timestamps and colours; outside text."""
    skipped: tuple[str, ...] = ()
    """One sentence for each step before it that is not reproduced here."""


class Admission(Value):
    """What the forge said about a trigger before anything was done for it."""

    permission: Permission
    pull: PullRequest | None = None
    fork: bool = False
    """Commits of strangers: nothing is pushed, no cache is shared, and nothing but reading is done for it."""
    refused: str = ""
    """One sentence of ours why nothing is done; empty when it is."""
    tell: bool = False
    """Whether a refusal is said on the forge; strangers get no answer."""
    evidence: RunEvidence | None = None
    """Of a failed run."""
