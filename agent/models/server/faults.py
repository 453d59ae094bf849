"""The faults of a scripted server that are more than strange content."""

import email.utils
import gzip
import json
import time
from collections.abc import Callable

from agent.models.server.answering import EVENTS, begin, document, stream
from agent.models.server.script import Answer, Asked, Fault
from agent.models.server.wire import Wire

_PAGE = b"<!doctype html><html><body><h1>Bad gateway</h1></body></html>"
_LONG = 30.0
Breaking = Callable[[Wire, Answer, Asked], None]


def _status(
    status: int, message: str, code: str = "", retry_after: Callable[[], str] | None = None
) -> Breaking:
    def answer(wire: Wire, _answer: Answer, _asked: Asked) -> None:
        headers = {"Retry-After": retry_after()} if retry_after else {}
        wire.error(status, message, code, headers)

    return answer


def _page(status: int) -> Breaking:
    def answer(wire: Wire, _answer: Answer, _asked: Asked) -> None:
        wire.head(status, "text/html", {"Content-Length": str(len(_PAGE))})
        wire.send(_PAGE)

    return answer


def _reset(wire: Wire, _answer: Answer, _asked: Asked) -> None:
    wire.reset()


def _nothing(_wire: Wire, _answer: Answer, _asked: Asked) -> None:
    return


def _reset_midway(wire: Wire, answer: Answer, asked: Asked) -> None:
    begin(wire, answer, asked, chunked=True)
    wire.pause(0.01)  # so that what was sent arrives before the reset overtakes it
    wire.reset()


def _half_line(wire: Wire, answer: Answer, asked: Asked) -> None:
    begin(wire, answer, asked)
    if asked.stream:
        wire.send(b'data: {"choices": [{"index": 0, "delta": {"content": "ha')


def _drip(wire: Wire, answer: Answer, asked: Asked) -> None:
    wire.head(kind=EVENTS if asked.stream else "application/json")
    while wire.pause(0.02):
        wire.send(b":" if asked.stream else b" ")


def _silent(wire: Wire, _answer: Answer, _asked: Asked) -> None:
    wire.pause(_LONG)


def _silent_body(wire: Wire, _answer: Answer, asked: Asked) -> None:
    wire.head(kind=EVENTS if asked.stream else "application/json")
    wire.pause(_LONG)


def _stall(wire: Wire, answer: Answer, asked: Asked) -> None:
    begin(wire, answer, asked)
    wire.pause(_LONG)


def _body(make: Callable[[Answer, Asked], bytes], kind: str = "") -> Breaking:
    """Answer 200 with a body of one's own making."""

    def answer(wire: Wire, answer: Answer, asked: Asked) -> None:
        wire.head(kind=kind or (EVENTS if asked.stream else "application/json"))
        wire.send(make(answer, asked))

    return answer


def _event(text: bytes) -> Callable[[Answer, Asked], bytes]:
    """Put something in the place where a JSON document belongs."""
    return lambda _answer, asked: b"data: " + text + b"\n\ndata: [DONE]\n\n" if asked.stream else text


def _whole(answer: Answer, asked: Asked) -> bytes:
    return b"".join(stream(answer, asked)) if asked.stream else json.dumps(document(answer, asked)).encode()


def _midway(text: bytes) -> Callable[[Answer, Asked], bytes]:
    """Put something into the middle of an answer."""

    def make(answer: Answer, asked: Asked) -> bytes:
        if not asked.stream:
            return _whole(answer, asked)[:-5] + text + b"}"
        events = stream(answer, asked)
        return b"".join([*events[:2], b"data: " + text + b"\n\n", *events[2:]])

    return make


def _huge(wire: Wire, answer: Answer, asked: Asked) -> None:
    wire.head(kind=EVENTS if asked.stream else "application/json")
    wire.send(b'data: {"choices": [{"delta": {"content": "' if asked.stream else b'{"choices": ["')
    for _ in range(100):
        wire.send(b"a" * 1_000_000)


def _redirect(wire: Wire, _answer: Answer, _asked: Asked) -> None:
    wire.head(307, headers={"Location": "http://elsewhere.invalid/v1", "Content-Length": "0"})


def _garbage(wire: Wire, answer: Answer, asked: Asked) -> None:
    begin(wire, answer, asked, chunked=True)
    wire.raw(b"zz\r\nnot a chunk\r\n")


def _short_body(wire: Wire, answer: Answer, asked: Asked) -> None:
    body = _whole(answer, asked)
    kind = EVENTS if asked.stream else "application/json"
    wire.head(kind=kind, headers={"Content-Length": str(len(body))})
    wire.send(body[: len(body) // 2])


def _compressed(wire: Wire, _answer: Answer, asked: Asked) -> None:
    kind = EVENTS if asked.stream else "application/json"
    wire.head(kind=kind, headers={"Content-Encoding": "gzip"})
    wire.send(gzip.compress(b" " * 5_000_000))


def _soon() -> str:
    return email.utils.formatdate(time.time() + 1, usegmt=True)


BREAKING: dict[Fault, Breaking] = {
    Fault.RATE: _status(429, "Rate limit reached.", "rate_limit_exceeded", lambda: "0.05"),
    Fault.RATE_DATE: _status(429, "Rate limit reached.", "rate_limit_exceeded", _soon),
    Fault.RATE_SILENT: _status(429, "Rate limit reached.", "rate_limit_exceeded"),
    Fault.RATE_LONG: _status(429, "Rate limit reached.", "rate_limit_exceeded", lambda: "86400"),
    Fault.QUOTA: _status(429, "You exceeded your current quota.", "insufficient_quota"),
    Fault.ERROR_500: _status(500, "The server had an error.", "server_error"),
    Fault.ERROR_502: _page(502),
    Fault.ERROR_503: _status(503, "The engine is currently overloaded.", "overloaded"),
    Fault.ERROR_529: _status(529, "Overloaded", "overloaded_error"),
    Fault.UNAUTHORIZED: _status(401, "Incorrect API key provided.", "invalid_api_key"),
    Fault.FORBIDDEN: _status(403, "You are not allowed to use this model.", "permission_denied"),
    Fault.UNKNOWN_MODEL: _status(404, "The model does not exist.", "model_not_found"),
    Fault.BAD_REQUEST: _status(400, "Unsupported parameter.", "unsupported_parameter"),
    Fault.OVERFLOW: _status(
        400, "This model's maximum context length is 4096 tokens.", "context_length_exceeded"
    ),
    Fault.POLICY: _status(400, "The prompt was filtered.", "content_filter"),
    Fault.RESET: _reset,
    Fault.HANG_UP: _nothing,
    Fault.RESET_MIDWAY: _reset_midway,
    Fault.CLOSE_MIDWAY: begin,
    Fault.HALF_LINE: _half_line,
    Fault.DRIP: _drip,
    Fault.SILENT: _silent,
    Fault.SILENT_BODY: _silent_body,
    Fault.STALL: _stall,
    Fault.INVALID_UTF8: _body(_midway(b'{"choices": [{"delta": {"content": "\xff\xfe"}}]}')),
    Fault.TRUNCATED_JSON: _body(_midway(b'{"choices": [{"delta": {"con')),
    Fault.HUGE: _huge,
    Fault.WRONG_CONTENT_TYPE: _body(_whole, "application/octet-stream"),
    Fault.HTML: _page(200),
    Fault.REDIRECT: _redirect,
    Fault.GARBAGE: _garbage,
    Fault.SHORT_BODY: _short_body,
    Fault.COMPRESSED: _compressed,
    Fault.ERROR_MIDWAY: _body(
        _midway(b'{"type": "error", "error": {"message": "Overloaded", "type": "overloaded_error"}}')
    ),
    Fault.NOT_AN_OBJECT: _body(_event(b"[1, 2]")),
    Fault.WRONG_TYPES: _body(_event(b'{"choices": "none", "output": 3, "type": 7, "usage": []}')),
    Fault.DEEP: _body(_event(b"[" * 100_000)),
}
