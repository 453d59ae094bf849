"""What the SDK raises, told apart: by status, by the error's code, and by how far the exchange got."""

import email.utils
import re
import time
from collections.abc import Mapping
from typing import Any

import openai

from agent.models.faults import FaultKind, ModelFault
from agent.models.openai.guard import TooMuch

_LONGEST = 300
"""Characters of an endpoint's own words that are shown."""
_BY_STATUS = {
    401: FaultKind.AUTH,
    402: FaultKind.QUOTA,
    403: FaultKind.AUTH,
    404: FaultKind.NOT_FOUND,
    408: FaultKind.TIMEOUT,
    409: FaultKind.OVERLOAD,
    413: FaultKind.OVERFLOW,
    425: FaultKind.OVERLOAD,
    429: FaultKind.RATE,
}
# Codes and wordings of OpenAI, vLLM, llama.cpp, Ollama and the usual proxies.
_WORDS = (
    (
        FaultKind.OVERFLOW,
        re.compile(r"context.?(length|window|size)|maximum.?context|prompt is too long|too many tokens"),
    ),
    (FaultKind.QUOTA, re.compile(r"insufficient.?quota|billing|credit balance|exceeded your current quota")),
    (FaultKind.REFUSED, re.compile(r"content.?filter|content.?policy|responsible.?ai|safety.?system")),
    (FaultKind.OVERLOAD, re.compile(r"overloaded|server.?error|temporarily unavailable|at capacity")),
    (FaultKind.RATE, re.compile(r"rate.?limit|too many requests")),
    (FaultKind.AUTH, re.compile(r"invalid.?api.?key|authentication")),
    (FaultKind.NOT_FOUND, re.compile(r"model.?not.?found|does not exist")),
)
_HINTS = {
    FaultKind.AUTH: "check the key that the profile's `key` names; `ratchet doctor --models` tries it",
    FaultKind.QUOTA: "look at the account's billing",
    FaultKind.OVERFLOW: "the profile's `context` must be what the endpoint really has",
    FaultKind.NOT_FOUND: "check `model` and `base_url` of the profile; the latter usually ends in /v1",
    FaultKind.UNREACHABLE: "check `base_url` of the profile, and that the endpoint runs",
    FaultKind.BAD_REQUEST: "the profile may promise what the endpoint lacks: tools, system, output_field",
}


def fault_of(error: Exception, *, connected: bool, answered: bool) -> ModelFault:
    """Return the fault that an exception of an exchange is."""
    if isinstance(error, openai.APIStatusError):
        return _of_status(error)
    if isinstance(error, openai.APIConnectionError | OSError):
        return _of_connection(error, connected=connected, answered=answered)
    if isinstance(error, openai.APIError):
        return said(error.body, error.message)
    if isinstance(error, TooMuch):
        return malformed(str(error))
    return malformed(_brief(error))


def malformed(why: str) -> ModelFault:
    """Return the fault of an answer that is none."""
    return ModelFault(FaultKind.MALFORMED, f"The model's answer is malformed: {why}.", billable=True)


def said(body: object, message: str = "") -> ModelFault:
    """Return the fault that an error object within an answer tells of."""
    text = f"{_words(body)} {message}".strip()
    kind = _by_words(text) or FaultKind.OVERLOAD
    return _fault(kind, f"The model's endpoint broke off: {_short(_message(body) or message)}", billable=True)


def _of_status(error: openai.APIStatusError) -> ModelFault:
    status = error.status_code
    words = _words(error.body)
    kind = _BY_STATUS.get(status) or (FaultKind.OVERLOAD if status >= 500 else None)
    if kind is None or status in (403, 429):
        kind = _narrowed(_by_words(words), kind, status)
    if 300 <= status < 400:
        place = error.response.headers.get("location", "elsewhere")
        return _fault(
            FaultKind.BAD_REQUEST, f"The endpoint redirects to {_short(place)}, which is not followed."
        )
    text = _message(error.body)
    text = "a web page" if text.lstrip().lower().startswith("<") else text
    fault = _fault(kind, f"The endpoint answered {status}: {_short(text) or 'nothing more'}")
    fault.retry_after = retry_after(error.response.headers, time.time())
    return fault


def _narrowed(by_words: FaultKind | None, by_status: FaultKind | None, status: int) -> FaultKind:
    """Return the kind of a status that stands for several."""
    if status == 429:
        return FaultKind.QUOTA if by_words is FaultKind.QUOTA else FaultKind.RATE
    return by_words or by_status or FaultKind.BAD_REQUEST


def _of_connection(error: Exception, *, connected: bool, answered: bool) -> ModelFault:
    cause = error.__cause__ or error
    why = _brief(cause)
    if "CERTIFICATE_VERIFY_FAILED" in why:
        hint = "SSL_CERT_FILE names a file of certificates to trust"
        return ModelFault(FaultKind.UNREACHABLE, f"The endpoint is not who it says: {why}.", hint=hint)
    if connected:
        fault = _fault(FaultKind.DROPPED, f"The connection to the model broke off: {why}.")
        # Who hangs up before any header may still have taken the prompt in.
        fault.billable = True
        return fault
    if isinstance(error, openai.APITimeoutError):
        return _fault(FaultKind.UNREACHABLE, "The endpoint does not take the connection.")
    return _fault(FaultKind.UNREACHABLE, f"The endpoint cannot be reached: {why}.")


def without_key(fault: ModelFault, key: str) -> ModelFault:
    """Return a fault whose words, some of which are the endpoint's, do not hold the key."""
    if key:
        fault.message = fault.message.replace(key, "[key]")
        fault.args = (fault.message,)
    return fault


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait that an endpoint asks for, as a number or as a date (RFC 9110, 10.2.3)."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after")
    if text is None:
        return None
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    # `nan` compares as false, and so is left out too.
    return value if value is not None and 0 <= value < float("inf") else None


def _fault(kind: FaultKind, message: str, *, billable: bool = False) -> ModelFault:
    return ModelFault(kind, message, hint=_HINTS.get(kind, ""), billable=billable)


def _by_words(text: str) -> FaultKind | None:
    folded = text.lower()
    return next((kind for kind, pattern in _WORDS if pattern.search(folded)), None)


def _error(body: object) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        return {}
    inner = body.get("error")
    return inner if isinstance(inner, Mapping) else body


def _words(body: object) -> str:
    found = _error(body)
    return " ".join(str(found.get(name) or "") for name in ("code", "type", "message"))[:4000]


def _message(body: object) -> str:
    if isinstance(body, str):
        return body
    found = _error(body)
    text = found.get("message") or found.get("detail") or found.get("error") or ""
    return text if isinstance(text, str) else str(text)


def _short(text: str) -> str:
    flat = " ".join(text[: 4 * _LONGEST].split())
    return flat if len(flat) <= _LONGEST else f"{flat[:_LONGEST]}…"


def _brief(error: BaseException) -> str:
    return _short(str(error)).rstrip(".") or type(error).__name__
