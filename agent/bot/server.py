"""The bot as a server: deliveries come in here, behind whatever speaks TLS."""

import asyncio
import ipaddress
import signal
import socket
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any, NamedTuple

from agent.bot.door import Door
from agent.bot.intake import Intake, Note
from agent.listening import impatient_server, tcp_socket
from agent.protocol.errors import RatchetError

_DEADLINE = 20.0
"""Seconds of a connection for one delivery and its answer; GitHub gives up after ten."""
_MOST_CONNECTIONS = 500
_CLOSING = 10
"""Seconds for the deliveries that are being taken when the server is to end."""


class CannotServe(RatchetError):
    """The address cannot be listened on."""

    code = "bot-listen"


class At(NamedTuple):
    """Where deliveries come in."""

    host: str = "127.0.0.1"
    port: int = 8095
    path: str = "/webhook"


def listen(at: At) -> socket.socket:
    """Return a socket that listens; raises CannotServe."""
    try:
        return tcp_socket(at.host, at.port)
    except OSError as error:
        raise CannotServe(
            f"{at.host}:{at.port} cannot be listened on: {error.strerror}",
            hint="--host and --port choose another",
        ) from None


async def serve(
    intake: Intake,
    at: At,
    listening: socket.socket,
    note: Note,
    besides: Sequence[Coroutine[Any, Any, None]] = (),
    deadline: float = _DEADLINE,
) -> None:
    """Take deliveries until SIGTERM or SIGINT; what goes on `besides` ends with it, or ends it."""
    server = impatient_server(
        Door(intake, at.path),
        deadline,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_CLOSING,
        # What strangers send that is no HTTP must not fill the log.
        log_level="error",
    )
    stop = partial(setattr, server, "should_exit", True)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    running = [asyncio.create_task(one) for one in besides]
    for one in running:
        one.add_done_callback(lambda _: stop())
    for sentence in _welcome(at, listening):
        note(sentence)
    try:
        await server.serve([listening])
    finally:
        for one in running:
            one.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


def _welcome(at: At, listening: socket.socket) -> list[str]:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    said = [f"deliveries come in at http://{shown}:{port}{at.path}"]
    if ipaddress.ip_address(host).is_loopback:
        return [*said, "whatever speaks TLS to the forge passes them on to this address"]
    return [
        *said,
        "WARNING: this is no TLS and not only this machine reaches it; put a server with TLS in front",
    ]
