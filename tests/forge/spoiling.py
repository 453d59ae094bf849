"""How faults look on the wire."""

import asyncio
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from tests.forge.exchange import Answer, Refused
from tests.forge.faults import Fault, Planned

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach "
    "out to GitHub Support for help, please include the request ID."
)
_PAGE = b"<html><head><title>Server Error</title></head><body><h1>Whoops</h1></body></html>"
_STATUSES = {
    Fault.UNAUTHORIZED: (401, "Bad credentials"),
    Fault.FORBIDDEN: (403, "Resource not accessible by integration"),
    Fault.NOT_FOUND: (404, "Not Found"),
    Fault.GONE: (410, "This was deleted"),
    Fault.UNPROCESSABLE: (422, "Validation Failed"),
}
_FAILURES = {
    Fault.SERVER_ERROR: 500,
    Fault.BAD_GATEWAY: 502,
    Fault.UNAVAILABLE: 503,
    Fault.BAD_GATEWAY_AFTER: 502,
}


def instead(planned: Planned) -> Answer | None:
    """Return what is answered without anything being done, or None when it is done."""
    fault = planned.fault
    if fault.after or fault is Fault.SLOW:
        return None
    if fault is Fault.RESET:
        return Answer(500)
    if fault in _FAILURES:
        return _page(fault)
    if fault in _STATUSES:
        return Refused(*_STATUSES[fault]).answer()
    if fault is Fault.PRIMARY:
        reset = {
            "x-ratelimit-remaining": "0",
            "x-ratelimit-reset": str(int(time.time() + planned.seconds + 1)),
        }
        answer = Refused(403, "API rate limit exceeded for installation ID 1.").answer()
        answer.headers |= reset
        return answer
    answer = Refused(429 if fault is Fault.SECONDARY_429 else 403, _SECONDARY).answer()
    if fault is not Fault.SECONDARY_BARE:
        answer.headers["retry-after"] = str(int(planned.seconds))
    return answer


def _page(fault: Fault) -> Answer:
    return Answer(_FAILURES[fault], _PAGE, {"content-type": "text/html"})


def limited(planned: Planned | None) -> dict[str, str]:
    """Return the headers that say how much may still be asked."""
    return {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": "4999",
        "x-ratelimit-used": "1",
        "x-ratelimit-reset": str(int(time.time()) + 3600),
        "x-ratelimit-resource": "core",
        "x-github-request-id": "FAKE:1" if planned is None else "FAKE:2",
    }


async def spoilt(planned: Planned, answer: Answer, send: Send) -> bool:
    """Spoil an answer; say whether nothing is left to send."""
    if planned.fault in (Fault.RESET, Fault.CUT_AFTER):
        _cut(send)
        return True
    if planned.fault is Fault.LATE_AFTER:
        await _late(planned.seconds, send)
    if planned.fault is Fault.BAD_GATEWAY_AFTER:
        page = _page(planned.fault)
        answer.status, answer.value, answer.headers = page.status, page.value, page.headers
    if planned.fault in (Fault.TRUNCATED_AFTER, Fault.GARBAGE_AFTER):
        whole = answer.encoded()
        half = whole[: len(whole) // 2]
        told = len(whole) if planned.fault is Fault.TRUNCATED_AFTER else len(half)
        lines = [(b"content-type", b"application/json"), (b"content-length", str(told).encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": lines})
        more = planned.fault is Fault.TRUNCATED_AFTER
        await send({"type": "http.response.body", "body": half, "more_body": more})
        if more:
            await asyncio.sleep(0.05)
            _cut(send)
        return True
    return False


async def _late(seconds: float, send: Send) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not _transport(send).is_closing():
        await asyncio.sleep(0.02)


def _cut(send: Send) -> None:
    _transport(send).abort()


def _transport(send: Send) -> asyncio.Transport:
    # What uvicorn gives as `send` is a method of the request, which knows its connection.
    found = send.__self__.transport  # type: ignore[attr-defined]
    assert isinstance(found, asyncio.Transport)
    return found
