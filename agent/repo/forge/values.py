"""What a forge has beside pull requests, as far as Ratchet reads it; names and texts are outside text."""

from pydantic import Field

from agent.protocol.forge import Happened, ObjectId
from agent.protocol.value import Value


class Account(Value):
    """Somebody on the forge."""

    login: str
    id: int
    bot: bool = False


class Comment(Value):
    """A comment on an issue or a pull request."""

    id: int
    author: Account
    body: str
    url: str = ""
    edited: bool = False


class Issue(Value):
    """An issue."""

    number: int
    title: str
    body: str = ""
    author: str
    open: bool = True
    is_pull: bool = False
    """GitHub numbers both alike, and lists both as issues."""


class Branch(Value):
    """A branch and where it stands."""

    name: str
    commit: ObjectId


class WorkflowRun(Value):
    """A run of a workflow."""

    id: int
    attempt: int
    name: str
    path: str
    """Of the workflow file."""
    event: str
    conclusion: str | None
    head: ObjectId
    head_branch: str
    head_repository: str | None
    actor: str
    triggered_by: str
    """Who started this attempt."""
    started: int = 0
    """When this attempt began, in seconds since the epoch; 0 when that is not said."""
    pulls: tuple[int, ...] = ()
    """Numbers of the pull requests that it is about."""


class JobStep(Value):
    """A step of a job as it went."""

    name: str
    number: int
    conclusion: str | None


class Job(Value):
    """A job of a run."""

    id: int
    name: str
    conclusion: str | None
    labels: tuple[str, ...] = ()
    steps: tuple[JobStep, ...] = ()


class PostedCheck(Value):
    """A check run as the forge has it."""

    id: int
    name: str
    head: ObjectId
    external_id: str
    status: str
    conclusion: str | None
    app: int | None = None
    annotations: int = 0


class PostedReview(Value):
    """A review as the forge has it."""

    id: int
    author: Account
    body: str
    url: str = ""


class PostedPull(Value):
    """A pull request as a list has it."""

    number: int
    author: Account
    body: str
    url: str
    head_branch: str
    head: ObjectId
    open: bool


class GitAccess(Value):
    """How git reaches a repository of the forge."""

    url: str
    header: str = Field(default="", repr=False)
    """An `Authorization: …` line for this URL alone; a secret, never in an argument of a process."""


class Delivery(Value):
    """A webhook delivery as the forge remembers it."""

    id: int
    guid: str
    event: str
    delivered_at: int
    """Seconds since the epoch."""
    ok: bool
    """It was answered with 2xx."""
    redelivery: bool = False


class Seen(Value):
    """Something that happened, as polling finds it: what a Trigger is made of, and no more."""

    key: str
    """Names this very thing for ever, e.g. `comment:17` or `pull:12:<head>`."""
    happened: Happened
    """Never BUTTON."""
    at: int
    """Seconds since the epoch."""
    actor: Account
    """Who did it; of a push to a pull request its author, because a list names nobody else."""
    number: int | None = None
    """Of the issue or pull request; of a run the first that it is about."""
    comment: int | None = None
    body: str = ""
    """Of the comment; outside text."""
    edited: bool = False
    """The comment says something else now than when it was written."""
    label: str = ""
    head: ObjectId | None = None
    run: WorkflowRun | None = None
    """A failed one."""
