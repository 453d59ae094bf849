"""An HTTP server as the daemon and the bot have it: uvicorn without signals, logs and settings of its own."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

_CLOSE_SECONDS = 1
"""Open answers get this long once everything else has ended."""
_IDLE_SECONDS = 60


def tcp_socket(host: str, port: int, backlog: int = 512) -> socket.socket:
    """Return a socket that listens; raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    made = socket.create_server(address[:2], family=family, backlog=backlog)
    # Only where a socket says so does asyncio know that it is TCP, and sends the end of an answer at once.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, fileno=made.detach())


class Listener(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def http_server(app: Callable[..., Any], **more: Any) -> Listener:
    """Return a server of an ASGI app, to be given its sockets; `more` are settings of uvicorn."""
    usual = {
        "http": "h11",
        "timeout_keep_alive": _IDLE_SECONDS,
        "timeout_graceful_shutdown": _CLOSE_SECONDS,
    }
    return Listener(
        uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            loop="asyncio",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            **{**usual, **more},
        )
    )


def impatient_server(app: Callable[..., Any], seconds: float, **more: Any) -> Listener:
    """Return a server that cuts a connection which takes longer than `seconds` for a request and its answer.

    Against clients that open connections and send slowly or nothing.
    """
    return http_server(app, http=_Impatient, timeout_keep_alive=seconds, **more)


class _Impatient(H11Protocol):
    """A connection with a deadline, from its beginning or the last answer to the next answer."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def _begin(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = self.loop.call_later(self.timeout_keep_alive, self.transport.abort)
