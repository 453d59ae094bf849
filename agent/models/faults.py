"""What can go wrong between a request and its answer: one exception, told apart by its kind."""

from enum import StrEnum
from typing import ClassVar

from agent.models.model import Usage
from agent.protocol.errors import RatchetError
from agent.protocol.outcome import Outcome


class FaultKind(StrEnum):
    """Why there is no answer."""

    AUTH = "auth"
    """The key is missing, wrong, or not allowed to do this."""
    QUOTA = "quota"
    """The account has no money left; waiting does not help."""
    RATE = "rate"
    OVERLOAD = "overload"
    """The endpoint, or what stands before it, cannot answer now."""
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    """The connection ended before the answer did."""
    OVERFLOW = "overflow"
    """The prompt does not fit into the context; the same one never will."""
    REFUSED = "refused"
    """A content filter, or the model itself, declined."""
    MALFORMED = "malformed"
    """What came is not an answer in the words of the protocol, or holds half a tool call."""
    UNREACHABLE = "unreachable"
    NOT_FOUND = "not_found"
    """No such model, or no such address."""
    BAD_REQUEST = "bad_request"
    BUDGET = "budget"
    """The call could exceed a limit; it was not sent."""


RETRIED = {
    FaultKind.RATE,
    FaultKind.OVERLOAD,
    FaultKind.TIMEOUT,
    FaultKind.DROPPED,
    FaultKind.UNREACHABLE,
    FaultKind.MALFORMED,
}
"""Kinds that a second attempt may cure; all others are the same the next time."""


_OUTCOMES = {
    FaultKind.AUTH: Outcome.NO_PLANNER,
    FaultKind.QUOTA: Outcome.BUDGET,
    FaultKind.BUDGET: Outcome.BUDGET,
}
"""How a task ends that can go no further because of a fault; all others are errors."""


class ModelFault(RatchetError):
    """No answer; `kind` says why.

    `retry_after` is what the endpoint asked to wait, in seconds. `billable` says whether the endpoint
    may have worked on the request, and so charged for it; `heard` counts the characters of the answer that
    came before the fault. `attempts`, `usage` and `cost_usd` are those of the whole request so far.
    """

    code: ClassVar[str] = "model"

    def __init__(
        self,
        kind: FaultKind,
        message: str,
        *,
        hint: str = "",
        retry_after: float | None = None,
        billable: bool = False,
        heard: int = 0,
    ) -> None:
        super().__init__(message, hint=hint)
        self.kind = kind
        self.outcome = _OUTCOMES.get(kind, Outcome.ERROR)
        self.retry_after = retry_after
        self.billable = billable
        self.heard = heard
        self.attempts = 1
        self.usage = Usage()
        self.cost_usd = 0.0
