"""The boundary of a request: who may pass, how large it may be, and what a surprise looks like."""

import secrets
import time
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.daemon.auth import Caller, Tokens
from agent.daemon.errors import TooLarge
from agent.daemon.hosts import Hosts, refuse_pages
from agent.daemon.logs import Log
from agent.daemon.problems import REQUEST_ID, error_response, unexpected
from agent.protocol.errors import RatchetError

CALLER = "caller"
"""Key of the Caller in the request's state."""
OnRequest = Callable[[Scope, int, float], None]
"""Takes scope, status and seconds of every request."""


class Gate:
    """An ASGI app in front of the API, one for each listener: a Unix socket has no `hosts`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        tokens: Tokens,
        hosts: Hosts | None,
        largest_body: int,
        log: Log,
        on_request: OnRequest,
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._hosts = hosts
        self._largest_body = largest_body
        self._log = log
        self._on_request = on_request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        began = time.monotonic()
        answer = _Answer(send)
        request_id = scope.setdefault("state", {})[REQUEST_ID] = secrets.token_hex(4)
        try:
            await self._pass(scope, receive, answer)
        except RatchetError as error:
            await error_response(error)(scope, receive, answer)
        except Exception as error:  # noqa: BLE001  the request boundary of the design
            method, path = scope["method"], scope["path"]
            self._log.error("request failed", request=request_id, method=method, path=path, exc_info=error)
            if not answer.status:
                await unexpected(request_id)(scope, receive, answer)
        finally:
            # A stream lasts; what counts is when the answer began.
            self._on_request(scope, answer.status, (answer.began_at or time.monotonic()) - began)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        origin, host = headers.get("origin"), headers.get("host")
        if self._hosts is None:
            refuse_pages(origin)
        else:
            self._hosts.check_host(host)
            self._hosts.check_origin(origin, host)
        caller = self._tokens.caller(headers.get("authorization"), trusted=self._hosts is None)
        scope["state"][CALLER] = caller
        self._check_length(headers.get("content-length"))
        await self._app(scope, _bounded(receive, self._largest_body), send)

    def _check_length(self, length: str | None) -> None:
        if length is not None and length.isdecimal() and int(length) > self._largest_body:
            raise _too_large(self._largest_body)


class _Answer:
    """Passes an answer on and remembers its status; 0 before it began."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.began_at = 0.0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.began_at = message["status"], time.monotonic()
        await self._send(message)


def _bounded(receive: Receive, largest: int) -> Receive:
    taken = 0

    async def bounded() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > largest:
            # The framework passes only its own exception on from where it reads the body.
            raise HTTPException(413, _too_large(largest).message)
        return message

    return bounded


def _too_large(largest: int) -> TooLarge:
    return TooLarge(f"the request is larger than {largest} bytes")


def caller_of(scope: Scope) -> Caller:
    """Return who makes a request that passed the gate."""
    caller: Caller = scope["state"][CALLER]
    return caller
