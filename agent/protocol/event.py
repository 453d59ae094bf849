"""The append-only log of a task: one event a step, and nothing else is the truth."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, model_serializer

from agent.protocol.check import Check, Run
from agent.protocol.control import (
    ApprovalRequested,
    ApprovalResolved,
    CancelRequested,
    GroupsSplit,
    PauseRequested,
    PriorityChanged,
    ResumeRequested,
    RetryRequested,
    Steered,
)
from agent.protocol.conversation import Citation, Finding, Turn
from agent.protocol.forge import Admission, ObjectId
from agent.protocol.outcome import Outcome
from agent.protocol.patch import Patch, Snapshot
from agent.protocol.policy import Action, Rule
from agent.protocol.proposal import Proposal, Suspect
from agent.protocol.task import TaskSpec
from agent.protocol.value import Value
from agent.protocol.verdict import Verdict


class SandboxInForce(Value):
    """What isolates the repository's code, with the limits that could not be enforced."""

    kind: str
    image: str
    network: str = "none"
    missing_limits: tuple[str, ...] = ()


class TaskSubmitted(Value):
    """The task exists."""

    type: Literal["TaskSubmitted"] = "TaskSubmitted"
    spec: TaskSpec
    key: str | None = None
    """First idempotency key of the request: asking again with it gives this task."""


class TriggerAdmitted(Value):
    """The forge was asked who wants the task and what it is about; from here on it is `spec`."""

    type: Literal["TriggerAdmitted"] = "TriggerAdmitted"
    admission: Admission
    spec: TaskSpec
    """With the repository, revisions, configuration and limits in force; as submitted when it was refused."""


class SnapshotTaken(Value):
    """The base is fixed; `head_tree` is the changed tree of a verify task."""

    type: Literal["SnapshotTaken"] = "SnapshotTaken"
    snapshot: Snapshot
    head_tree: str | None = None
    rules: tuple[Rule, ...] = ()
    """The repository's rules, from the base tree, and the organization's."""
    actions: tuple[Action, ...] = ()
    """What the task does before there is any patch: which tool, commands, hosts and costs."""


class BaselineMeasured(Value):
    """The check ran on the base in its environment."""

    type: Literal["BaselineMeasured"] = "BaselineMeasured"
    checks: tuple[Check, ...]
    environment: str
    sandbox: SandboxInForce
    runs: tuple[Run, ...]


class LocationsRanked(Value):
    """Suspicious lines, most suspicious first."""

    type: Literal["LocationsRanked"] = "LocationsRanked"
    suspects: tuple[Suspect, ...]


class ProposalMade(Value):
    """A planner offers edits, or none when it gave up (`exhausted` says why)."""

    type: Literal["ProposalMade"] = "ProposalMade"
    proposal: Proposal
    exhausted: str = ""
    timed_out: bool = False
    """It gave up because the time was used up."""


class TurnTaken(Value):
    """A model answered once, and the tool calls of its answer are done."""

    type: Literal["TurnTaken"] = "TurnTaken"
    turn: Turn


class EditsApplied(Value):
    """The proposal became a tree of ours."""

    type: Literal["EditsApplied"] = "EditsApplied"
    patch: Patch


class EditsRefused(Value):
    """The proposal did not fit the base; nothing was written."""

    type: Literal["EditsRefused"] = "EditsRefused"
    reason: str
    hint: str = ""


class VerdictReached(Value):
    """The harness measured the candidate tree."""

    type: Literal["VerdictReached"] = "VerdictReached"
    verdict: Verdict


class PatchDelivered(Value):
    """The patch is where the user asked: a branch, and with `--apply` the working tree."""

    type: Literal["PatchDelivered"] = "PatchDelivered"
    branch: str | None
    """None when it was only applied; `commit` is empty then."""
    commit: str
    applied: bool = False
    refused: str = ""
    """Why the working tree could not take the patch that is on the branch."""
    hint: str = ""
    moved_to: ObjectId | None = None
    """Head of the pull request by then, when it was no longer the one that the patch is for."""


class QuestionAnswered(Value):
    """The answer of an `ask` task, with every place it names looked up."""

    type: Literal["QuestionAnswered"] = "QuestionAnswered"
    text: str
    citations: tuple[Citation, ...] = ()


class ChangeReviewed(Value):
    """The findings of a `review` task, those the harness could prove marked as such."""

    type: Literal["ChangeReviewed"] = "ChangeReviewed"
    findings: tuple[Finding, ...]
    summary: str = ""


class TaskFinished(Value):
    """The last event of a task."""

    type: Literal["TaskFinished"] = "TaskFinished"
    outcome: Outcome
    reason: str
    hint: str = ""
    log: str = ""
    seconds: float = 0.0


class UnknownEvent(Value):
    """An event of a newer version, kept as it was."""

    type: str
    data: Mapping[str, Any]
    """Every field of the body but its type."""

    @model_serializer
    def _as_it_was(self) -> dict[str, Any]:
        return {"type": self.type, **self.data}


Body = (
    TaskSubmitted
    | TriggerAdmitted
    | SnapshotTaken
    | BaselineMeasured
    | LocationsRanked
    | ProposalMade
    | TurnTaken
    | EditsApplied
    | EditsRefused
    | VerdictReached
    | PatchDelivered
    | QuestionAnswered
    | ChangeReviewed
    | TaskFinished
    | CancelRequested
    | PauseRequested
    | ResumeRequested
    | RetryRequested
    | PriorityChanged
    | ApprovalRequested
    | ApprovalResolved
    | GroupsSplit
    | Steered
)

_BODIES: TypeAdapter[Body] = TypeAdapter(Annotated[Body, Field(discriminator="type")])
_KNOWN = frozenset(kind.model_fields["type"].default for kind in Body.__args__)


class Event(Value):
    """One fact about a task; `seq` counts from 1, `step_key` is unique within the task."""

    seq: int
    task_id: str
    step_key: str
    recorded_at: int
    """Seconds since the epoch."""
    seconds: float = 0.0
    """Spent on the step out of the task's time limit."""
    body: Body | UnknownEvent


def parse_event(data: Mapping[str, Any]) -> Event:
    """Read an event of any version; raises ValidationError when a known type is malformed."""
    body = data.get("body")
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise ValidationError.from_exception_data("Event", [])
    if body["type"] in _KNOWN:
        parsed: Body | UnknownEvent = _BODIES.validate_json(_dump(body))
    else:
        parsed = UnknownEvent(type=body["type"], data={k: v for k, v in body.items() if k != "type"})
    return Event(**{**data, "body": parsed})


def _dump(body: Mapping[str, Any]) -> bytes:
    # JSON mode is needed so that bytes fields are read back from base64.
    return TypeAdapter(dict[str, Any]).dump_json(dict(body))
