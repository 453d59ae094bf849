"""HTTP to one daemon that may be restarted, or replaced by another, between two requests."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from agent.client.problems import DaemonUnavailable, error_of
from agent.client.registration import Address

Find = Callable[[], Awaitable[Address]]
"""Says where the daemon is now; may start it."""

PATIENCE = 60.0
"""Seconds for which a lost connection is tried again."""
_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_SILENCE = httpx.Timeout(60.0, connect=5.0)
"""A stream says something every 15 s."""
_LONGEST_PAUSE = 2.0
_UNAVAILABLE = 503


def open_http(address: Address) -> httpx.AsyncClient:
    """Return an HTTP client for an address; the caller closes it."""
    headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
    # Nothing on a socket is encrypted, and to load certificates takes longer than most answers.
    transport = httpx.AsyncHTTPTransport(uds=address.socket, verify=False) if address.socket else None
    # The user's proxies are for the network, not for the daemon.
    return httpx.AsyncClient(
        base_url=address.url, transport=transport, headers=headers, timeout=_TIMEOUT, trust_env=False
    )


def warm() -> None:
    """Load what the first request would load, for who cannot wait then; not for the event loop."""

    async def ask_nobody() -> None:
        async with open_http(Address(socket=os.devnull)) as http:
            with suppress(httpx.TransportError):
                await http.get("/")

    asyncio.run(ask_nobody())


class Patience:
    """Waits ever longer between attempts, until they took too long together."""

    def __init__(self, seconds: float = PATIENCE) -> None:
        self._seconds = seconds
        self.reset()

    def reset(self) -> None:
        """Begin anew: the connection works."""
        self._pause = 0.05
        self._began: float | None = None

    async def wait(self, cause: Exception | None) -> None:
        """Pause before the next attempt; raises DaemonUnavailable when it is no use any more."""
        self._began = self._began or time.monotonic()
        if time.monotonic() - self._began > self._seconds:
            said = f": {cause}" if cause and str(cause) else ""
            raise DaemonUnavailable(
                f"the daemon does not answer any more{said}", hint="see `ratchet daemon logs`"
            ) from cause
        await asyncio.sleep(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)


class Connection:
    """Requests to whichever daemon `find` names, found again when it is lost."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._current: httpx.AsyncClient | None = None
        self._opened: list[httpx.AsyncClient] = []
        self._finding = asyncio.Lock()

    async def close(self) -> None:
        """Close every connection."""
        self._current = None
        while self._opened:
            await self._opened.pop().aclose()

    async def request(
        self, method: str, path: str, *, repeatable: bool = True, **options: Any
    ) -> httpx.Response:
        """Return a response below 400, read in full; raises RatchetError.

        A connection that is lost before the answer is tried again when the request is `repeatable`,
        and in any case when the request was never sent.
        """
        patience = Patience()
        while True:
            try:
                async with self._using() as http:
                    response = await http.request(method, path, **options)
            except httpx.TransportError as error:
                if not repeatable and not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    raise DaemonUnavailable(
                        "the connection to the daemon was lost before it answered",
                        hint="`ratchet tasks show` says whether it was done",
                    ) from error
                await patience.wait(error)
                continue
            if response.is_error:
                raise error_of(response)
            return response

    @asynccontextmanager
    async def stream(self, path: str, headers: Mapping[str, str]) -> AsyncIterator[httpx.Response]:
        """Open a stream; raises RatchetError, and httpx.TransportError when it is cut.

        A daemon that cannot answer just now (503) counts as a cut.
        """
        async with (
            self._using() as http,
            http.stream("GET", path, headers=dict(headers), timeout=_SILENCE) as response,
        ):
            if response.is_error:
                await response.aread()
                error = error_of(response)
                if response.status_code == _UNAVAILABLE:
                    raise httpx.ReadError(error.message)
                raise error
            yield response

    @asynccontextmanager
    async def _using(self) -> AsyncIterator[httpx.AsyncClient]:
        http = await self._http()
        try:
            yield http
        except httpx.TransportError:
            # Other streams may still read from it: it is closed at the end.
            if self._current is http:
                self._current = None
            raise

    async def _http(self) -> httpx.AsyncClient:
        async with self._finding:
            if self._current is None:
                self._current = open_http(await self._find())
                self._opened.append(self._current)
            return self._current
