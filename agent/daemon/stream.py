"""The answer to a request for live events: the past from the store, then whatever happens."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from agent.daemon.hub import Hub, Message, Subscriber
from agent.daemon.metrics import Metrics

MEDIA_TYPE = "text/event-stream"
SEND_SECONDS = 30.0
"""A reader that takes nothing for this long is dropped."""
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_KEEP_ALIVE = b": keep-alive\n\n"
_END = Message("end", "{}")

Finished = Callable[[int], Awaitable[bool]]
"""Says whether the task is finished and has no event after a `seq`."""


class EventStream(Response):
    """A stream that says `end` once the task is finished and everything was sent."""

    media_type = MEDIA_TYPE

    def __init__(
        self,
        hub: Hub,
        subscriber: Subscriber,
        past: Sequence[Message],
        *,
        after: int,
        finished: Finished,
        keep_alive: float,
        metrics: Metrics,
    ) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._hub = hub
        self._subscriber = subscriber
        self._past = past
        self._after = after
        self._finished = finished
        self._keep_alive = keep_alive
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the task has ended, the reader is gone, or it is too slow."""
        self._metrics.subscribers.inc()
        writing = asyncio.create_task(self._write(send))
        others = [
            asyncio.create_task(_until_gone(receive)),
            asyncio.create_task(self._subscriber.until_slow()),
        ]
        try:
            await asyncio.wait([writing, *others], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, *others):
                task.cancel()
            results = await asyncio.gather(writing, *others, return_exceptions=True)
            self._hub.detach(self._subscriber)
            self._metrics.subscribers.dec()
        if self._subscriber.is_slow or isinstance(results[0], TimeoutError):
            # The answer stays incomplete, so that the reader knows that it was cut off.
            self._metrics.dropped.inc()
        elif isinstance(results[0], Exception):
            raise results[0]

    async def _write(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        last = self._after
        for message in self._past:
            await _send(send, message.encode())
            last = message.seq or last
        self._past = ()
        self._hub.caught_up(self._subscriber, last)
        if await self._finished(last) or await self._follow(send):
            await _send(send, _END.encode())
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _follow(self, send: Send) -> bool:
        """Send what happens; True when the task has ended, False when the daemon does."""
        while True:
            try:
                async with asyncio.timeout(self._keep_alive):
                    message = await self._subscriber.next()
            except TimeoutError:
                await _send(send, _KEEP_ALIVE)
                continue
            if message is None:
                return False
            await _send(send, message.encode())
            if message.ends and not self._subscriber.waiting:
                return True


async def _send(send: Send, data: bytes) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await send({"type": "http.response.body", "body": data, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
