"""An answer that goes on: server-sent events to a reader who is dropped once it does not keep up."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from agent.daemon.metrics import Metrics

MEDIA_TYPE = "text/event-stream"
SEND_SECONDS = 30.0
"""A reader that takes nothing for this long is dropped."""
KEEP_ALIVE = b": keep-alive\n\n"
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

Say = Callable[[bytes], Awaitable[None]]
Tell = Callable[[Say], Awaitable[None]]
"""Says everything there is to be said, to the end."""


class Reader(Protocol):
    """Whoever the events are collected for."""

    @property
    def is_slow(self) -> bool:
        """True once more waits than a reader that keeps up would leave."""

    async def until_slow(self) -> None:
        """Return when the reader has to be dropped."""


class LiveStream(Response):
    """Sends what `tell` says until that is all, the reader is gone, or it is too slow; then `leave`s."""

    media_type = MEDIA_TYPE

    def __init__(self, reader: Reader, tell: Tell, leave: Callable[[], None], metrics: Metrics) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._reader = reader
        self._tell = tell
        self._leave = leave
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the end."""
        self._metrics.subscribers.inc()
        writing = asyncio.create_task(self._write(send))
        others = [asyncio.create_task(_until_gone(receive)), asyncio.create_task(self._reader.until_slow())]
        try:
            await asyncio.wait([writing, *others], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, *others):
                task.cancel()
            results = await asyncio.gather(writing, *others, return_exceptions=True)
            self._leave()
            self._metrics.subscribers.dec()
        if self._reader.is_slow or isinstance(results[0], TimeoutError):
            # The answer stays incomplete, so that the reader knows that it was cut off.
            self._metrics.dropped.inc()
        elif isinstance(results[0], Exception):
            raise results[0]

    async def _write(self, send: Send) -> None:
        async def say(data: bytes) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send({"type": "http.response.body", "body": data, "more_body": True})

        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await self._tell(say)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
