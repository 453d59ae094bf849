"""What people ask of a running task; each request is an event like any other."""

from typing import Literal

from agent.protocol.policy import Answer, Approval
from agent.protocol.value import Value


class CancelRequested(Value):
    """Stop for good and keep what is there."""

    type: Literal["CancelRequested"] = "CancelRequested"
    by: str


class PauseRequested(Value):
    """Stop until somebody resumes; finished steps are kept."""

    type: Literal["PauseRequested"] = "PauseRequested"
    by: str


class ResumeRequested(Value):
    """Go on after a pause."""

    type: Literal["ResumeRequested"] = "ResumeRequested"
    by: str


class RetryRequested(Value):
    """Begin a finished task again, from a new snapshot."""

    type: Literal["RetryRequested"] = "RetryRequested"
    by: str


class Steered(Value):
    """A person tells the model something while it works; the next turn begins with it."""

    type: Literal["Steered"] = "Steered"
    text: str
    by: str


class PriorityChanged(Value):
    """Move a task in the queue; the lower number goes first."""

    type: Literal["PriorityChanged"] = "PriorityChanged"
    priority: int
    by: str


class ApprovalRequested(Value):
    """The task waits for a person."""

    type: Literal["ApprovalRequested"] = "ApprovalRequested"
    approval: Approval


class ApprovalResolved(Value):
    """An approval is settled, in every front end at once."""

    type: Literal["ApprovalResolved"] = "ApprovalResolved"
    answer: Answer


class GroupsSplit(Value):
    """The failures had several causes: each further group became a task of its own."""

    type: Literal["GroupsSplit"] = "GroupsSplit"
    children: tuple[str, ...]
    """Ids of the new tasks, in order."""


Control = (
    CancelRequested
    | PauseRequested
    | ResumeRequested
    | RetryRequested
    | PriorityChanged
    | Steered
    | ApprovalRequested
    | ApprovalResolved
    | GroupsSplit
)
