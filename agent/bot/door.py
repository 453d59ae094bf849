"""The way in over HTTP: one path, a bounded body, and nothing else but a sign of life."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from agent.bot.intake import Answer, Intake

LARGEST_BODY = 25_000_000
"""GitHub sends no larger one."""
_HELD = 256 * 1024 * 1024
"""Bytes of all bodies that are being read at a time: strangers may send, too."""
_HEALTH = "/healthz"
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _Gone(ConnectionError):
    """Whoever sent it has hung up."""


class Door:
    """An ASGI app (version 3) that hands deliveries to the intake."""

    def __init__(self, intake: Intake, path: str, *, largest: int = LARGEST_BODY, held: int = _HELD) -> None:
        self._intake = intake
        self._path = path
        self._largest = largest
        self._most_held = held
        self._held = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            answer = await self._answer(scope, receive)
        except _Gone:
            return
        body = f"{answer.text}\n".encode()
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body))]
        # What was not read to its end would be taken for the next request.
        headers += [(b"connection", b"close")] if answer.status >= 400 else []
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Message, receive: Receive) -> Answer:
        path, method = scope["path"], scope["method"]
        if path == _HEALTH and method in ("GET", "HEAD"):
            return Answer(200, "ok")
        if path != self._path:
            return Answer(404, "There is nothing here.")
        if method != "POST":
            return Answer(405, "Deliveries are posted.")
        return self._intake.refuses(scope["headers"]) or await self._delivery(scope, receive)

    async def _delivery(self, scope: Message, receive: Receive) -> Answer:
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not length.isdigit() or int(length[:20]) > self._largest:
            return self._too_large()
        taken: list[bytes] = []
        size = 0
        try:
            async for chunk in _chunks(receive):
                size += len(chunk)
                self._held += len(chunk)
                if size > self._largest:
                    return self._too_large()
                if self._held > self._most_held:
                    return Answer(503, "Too much is being sent at a time; send it again later.")
                taken.append(chunk)
            return await self._intake.take(scope["headers"], b"".join(taken))
        finally:
            self._held -= size

    def _too_large(self) -> Answer:
        return Answer(413, f"No delivery is larger than {self._largest} bytes.")


async def _chunks(receive: Receive) -> Any:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        yield message.get("body", b"")
        if not message.get("more_body"):
            return
