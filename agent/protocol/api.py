"""What the daemon's HTTP API answers with, beyond the values it passes through."""

import base64
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from agent.protocol.outcome import Outcome
from agent.protocol.policy import Answer, Approval, ApprovalScope
from agent.protocol.report import Report
from agent.protocol.summary import TaskSummary
from agent.protocol.task import TaskSpec
from agent.protocol.value import Value


def _bytes(given: object) -> object:
    return base64.b64decode(given, validate=True) if isinstance(given, str) else given


Base64 = Annotated[
    bytes,
    BeforeValidator(_bytes),
    PlainSerializer(lambda raw: base64.b64encode(raw).decode(), when_used="json"),
]
"""Bytes, which JSON has as base64 (RFC 4648)."""

API_VERSION = 1
"""Raised only when an older client could no longer be served."""


class TaskView(Value):
    """A task as `GET /v1/tasks/{id}` has it."""

    summary: TaskSummary
    spec: TaskSpec
    report: Report | None = None
    """From TaskFinished on."""
    children: tuple[str, ...] = ()
    open_approvals: tuple[Approval, ...] = ()
    answers: tuple[Answer, ...] = ()


class ChangedFile(Value):
    """One file of a patch; the contents are base64 in JSON."""

    path: str
    mode: str
    """Of the newer side, as git writes it, e.g. 100644."""
    before: Base64 | None
    """None when the patch adds the file."""
    after: Base64 | None
    """None when the patch removes it."""


class TaskFiles(Value):
    """The files of a task's newest patch, whole; empty while there is none."""

    base: str
    """Git tree that the patch starts from."""
    tree: str
    """Git tree that it leads to; what was proven holds for this one."""
    files: tuple[ChangedFile, ...]


class Health(Value):
    """Who serves, and whether it has work."""

    version: str
    api: int
    pid: int
    started_at: int
    """Seconds since the epoch."""
    database: str
    """Without a password."""
    workers: int
    running: int
    queued: int
    idle: bool
    """True when it could be stopped without interrupting anything."""
    problems: tuple[str, ...] = ()
    """One sentence each: what keeps it from working as it should."""


class RepositoryUse(Value):
    """A repository that tasks were made for."""

    repository: str
    tasks: int
    open: int
    newest: str
    """Id of the newest task."""


class MadeEffect(Value):
    """Something that a task has made on its forge, or could not make."""

    name: str
    """Unique in the task, e.g. `push` or `sticky:end`."""
    url: str = ""
    """Empty where a thing has none of its own."""
    failed: str = ""
    """One sentence why the forge did not take it; it is not tried again."""


class TaskPublication(Value):
    """What a task shows on the forge that it came from, as `GET /v1/tasks/{id}/publication` has it."""

    shown: bool
    """Everything up to the task's newest event is there; True for a task that came from no forge."""
    left: bool = False
    """It is tried no more, until the task's next event."""
    problem: str = ""
    """One sentence why it is not shown yet; empty when nothing is wrong."""
    effects: tuple[MadeEffect, ...] = ()


class Resolution(Value):
    """Body of approve: which approval, and why; None means the only open one."""

    approval_id: str | None = None
    reason: str = ""
    scope: ApprovalScope = ApprovalScope.ONCE
    """How far it reaches."""
    pattern: str | None = Field(default=None, min_length=1, max_length=4096)
    """With the scope `pattern`: a glob, as in `[policy]`, that matches something of what is asked."""


class Problem(Value):
    """An error of the API as RFC 9457 has it, with the hint and the outcome of a RatchetError."""

    type: str = "about:blank"
    """`urn:ratchet:<code>`."""
    title: str
    status: int
    detail: str = ""
    hint: str = ""
    outcome: Outcome = Outcome.ERROR
