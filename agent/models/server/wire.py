"""The connection of one request, down to the ways in which it can break."""

import json
import socket
import struct
import threading
from collections.abc import Iterable, Mapping
from typing import Any

REASONS = {200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 429: "Too Many Requests"}


class Wire:
    """Writes one HTTP/1.1 answer; the connection is closed after it."""

    def __init__(self, connection: socket.socket, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping
        self._chunked = False

    def head(
        self,
        status: int = 200,
        kind: str = "application/json",
        headers: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
    ) -> None:
        """Send status and headers; without `chunked` the body lasts until the end of the connection."""
        known = {"Content-Type": kind, "Connection": "close", **(headers or {})}
        if chunked:
            known["Transfer-Encoding"] = "chunked"
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in known.items()]
        self.raw(("\r\n".join(lines) + "\r\n\r\n").encode())
        self._chunked = chunked

    def send(self, data: bytes) -> None:
        """Send a piece of the body."""
        if self._chunked and data:
            data = b"%x\r\n%s\r\n" % (len(data), data)
        self.raw(data)

    def end(self) -> None:
        """Say that the body is complete."""
        if self._chunked:
            self.raw(b"0\r\n\r\n")

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._connection.sendall(data)

    def reset(self) -> None:
        """Break the connection off."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._connection.close()

    def pause(self, seconds: float) -> bool:
        """Wait; says whether the server is not being stopped meanwhile."""
        return not self._stopping.wait(seconds)

    def document(self, body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        """Send a whole JSON answer."""
        data = json.dumps(body).encode()
        self.head(status, headers={"Content-Length": str(len(data)), **(headers or {})})
        self.send(data)

    def error(
        self, status: int, message: str, code: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Send an error object as OpenAI has it."""
        error = {"message": message, "type": code or "error", "param": None, "code": code or None}
        self.document({"error": error}, status, headers)


def lines(events: Iterable[Mapping[str, Any]], *, done: bool) -> list[bytes]:
    """Return events as server-sent events, one item each; `done` adds the [DONE] of Chat Completions."""
    written = []
    for event in events:
        name = f"event: {event['type']}\n" if "type" in event else ""
        written.append(f"{name}data: {json.dumps(event)}\n\n".encode())
    return [*written, b"data: [DONE]\n\n"] if done else written
