"""The first answer: given before anything heavy is loaded, since an editor waits for it while it starts."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import agent
from lsp.wire.announced import capabilities
from lsp.wire.framing import Framing, Garbage

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Greeting:
    """What was read from the editor so far, all of which is still to be handled."""

    read: bytes = b""
    answered: int | str | None = None
    """The id of the `initialize` that comes first, when it has its answer."""


def greet(source: int, target: int) -> Greeting:
    """Read the first message, and answer it when it is an `initialize`; both are descriptors."""
    framing, read = Framing(), bytearray()
    while piece := os.read(source, _PIECE):
        read += piece
        first = next((one for one in framing.feed(piece) if not isinstance(one, Garbage)), None)
        if first is not None:
            asked = _initialize(first)
            if asked is None:
                break
            _write(target, _framed({"id": asked["id"], "jsonrpc": "2.0", "result": _result(asked["params"])}))
            return Greeting(bytes(read), asked["id"])
    return Greeting(bytes(read))


def _initialize(body: bytes) -> dict[str, Any] | None:
    """Return a message that is an `initialize`; what is wrong with another one is found by who handles it."""
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(asked, dict) or asked.get("method") != "initialize" or asked.get("jsonrpc") != "2.0":
        return None
    params = asked.get("params")
    if (
        not isinstance(asked.get("id"), str | int)
        or isinstance(asked["id"], bool)
        or not isinstance(params, dict)
    ):
        return None
    return asked if isinstance(params.get("capabilities"), dict) else None


def _result(params: Mapping[str, Any]) -> dict[str, Any]:
    info = {"name": "ratchet", "version": agent.__version__}
    said = capabilities(params["capabilities"], params.get("initializationOptions"))
    return {"capabilities": said, "serverInfo": info}


def _framed(message: Mapping[str, Any]) -> bytes:
    body = json.dumps(message).encode("ascii")
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def _write(target: int, data: bytes) -> None:
    while data:
        data = data[os.write(target, data) :]


def but_for(answered: int | str | None, send: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return what sends messages, but for a second answer to the request that has one."""
    unheard = answered is not None

    def sent(message: Any) -> None:
        nonlocal unheard
        if unheard and not hasattr(message, "method") and getattr(message, "id", None) == answered:
            unheard = False
            return
        send(message)

    return sent
