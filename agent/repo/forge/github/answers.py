"""Answers that are none: what GitHub says with them, and whether asking again may help."""

import email.utils
import json
import re
import time
from collections.abc import Mapping

from agent.protocol.errors import RatchetError
from agent.repo.forge.errors import (
    ForgeBusy,
    ForgeError,
    ForgeRefused,
    ForgeUnreachable,
    KeyRefused,
    NotOnForge,
)
from agent.untrusted.redact import redact
from agent.untrusted.spell import spell_line

Headers = Mapping[str, str]
_MINUTE = 60.0
_DAY = 86_400.0
_LIMIT = re.compile(r"rate limit|abuse detection", re.IGNORECASE)
_HINTS = {
    401: "the key of [bot] is wrong, expired or revoked: `ratchet doctor` looks at it",
    403: "the key of [bot] lacks a permission: `ratchet doctor` names those that are missing",
}


class NotPermitted(ForgeRefused):
    """The key may not do this (403)."""

    code = "forge-not-permitted"


_KINDS = {401: KeyRefused, 403: NotPermitted}


def refusal(status: int, headers: Headers, body: bytes) -> ForgeError:
    """Return the error that an answer with a status of 400 or more means; header names in lower case."""
    said = words(body)
    what = f"GitHub answered {status}{f': {said}' if said else ''}"
    if status in (403, 429) and (status == 429 or _is_limit(headers, said)):
        return ForgeBusy(what, seconds=_pause(headers))
    if status in (404, 410):
        return NotOnForge(what)
    if status >= 500 or status == 408:
        return ForgeUnreachable(what)
    return _KINDS.get(status, ForgeRefused)(what, hint=_HINTS.get(status, ""))


def failed(kind: str, body: bytes) -> ForgeError:
    """Return the error that an answer of GraphQL means, `kind` being the type of its first error."""
    what = f"GitHub answered {kind or 'with an error'}: {words(body)}"
    if kind in ("RATE_LIMIT", "RATE_LIMITED"):
        return ForgeBusy(what, seconds=_MINUTE)
    if kind == "NOT_FOUND":
        return NotOnForge(what)
    return NotPermitted(what, hint=_HINTS[403]) if kind == "FORBIDDEN" else ForgeRefused(what)


def words(body: bytes) -> str:
    """Return what an answer says in words, on one line and without secrets; it may hold outside text."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(said, dict):
        return ""
    errors = said.get("errors")
    details = [_detail(one) for one in errors[:5]] if isinstance(errors, list) else [_detail(errors)]
    text = "; ".join(filter(None, (_detail(said), *details)))
    return spell_line(redact(text).text, 300)


def _detail(said: object) -> str:
    if isinstance(said, dict):
        named = " ".join(str(said[name]) for name in ("field", "code") if isinstance(said.get(name), str))
        return str(said.get("message") or named)
    return said if isinstance(said, str) else ""


def _is_limit(headers: Headers, said: str) -> bool:
    spent = headers.get("x-ratelimit-remaining") == "0"
    return spent or "retry-after" in headers or _LIMIT.search(said) is not None


def _pause(headers: Headers) -> float:
    """Return for how long GitHub wants to be left alone (REST: exceeding the rate limit)."""
    after = _number(headers.get("retry-after"))
    if after is None and headers.get("x-ratelimit-remaining") == "0":
        reset = _number(headers.get("x-ratelimit-reset"))
        # By its own clock, because ours may go wrong.
        after = None if reset is None else reset - _told(headers) + 1
    return _MINUTE if after is None else min(max(after, 1.0), _DAY)


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"[0-9]{1,12}", text.strip()) else None


def _told(headers: Headers) -> float:
    try:
        return email.utils.parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        return time.time()


def refused(error: RatchetError) -> KeyRefused:
    """Return a key that is missing as an error of the forge's."""
    return KeyRefused(error.message, hint=error.hint)
