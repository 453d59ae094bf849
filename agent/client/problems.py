"""Problem documents (RFC 9457) as errors of the one exception tree."""

import functools

import httpx
from pydantic import ValidationError

from agent.protocol import errors
from agent.protocol.api import Problem
from agent.protocol.errors import RatchetError, UsageError
from agent.protocol.outcome import Outcome

_PREFIX = "urn:ratchet:"
_KNOWN = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, RatchetError)
}


class DaemonUnavailable(RatchetError):
    """No daemon answers, and none can be started."""

    code = "daemon"


def error_of(response: httpx.Response) -> RatchetError:
    """Return the error that a response of 400 or more stands for; its body has been read."""
    try:
        problem = Problem.model_validate_json(response.content, extra="ignore")
    except ValidationError:
        return DaemonUnavailable(
            f"the daemon answered with {response.status_code}", hint="see `ratchet daemon logs`"
        )
    kind = _kind(problem.type.removeprefix(_PREFIX), problem.outcome)
    return kind(problem.detail or problem.title, hint=problem.hint)


@functools.cache
def _kind(code: str, outcome: Outcome) -> type[RatchetError]:
    """Return the class of a code; one that only the daemon knows stands below the nearest we know."""
    known = _KNOWN.get(code)
    if known is not None and known.outcome is outcome:
        return known
    nearest = UsageError if outcome is Outcome.USAGE else RatchetError
    return type("DaemonError", (nearest,), {"code": code, "outcome": outcome})
