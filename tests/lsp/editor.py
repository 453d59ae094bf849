"""A client that says whatever a test wants to a server in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

from lsp.wire.framing import Framing, Garbage

PATIENCE = 120.0
"""Seconds; the machine may be busy."""


class Editor:
    """A context manager; `send` takes objects, `write` bytes as they are. Another server is a command."""

    def __init__(self, command: Sequence[str] = (), environ: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command or [sys.executable, "-m", "agent", "lsp"],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._framing = Framing()
        self._heard: list[dict[str, Any]] = []
        self._id = 0

    def __enter__(self) -> "Editor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def leave(self) -> None:
        """Hang up."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    def write(self, data: bytes) -> None:
        """Send bytes."""
        assert self._process.stdin is not None
        self._process.stdin.write(data)
        self._process.stdin.flush()

    def send(self, message: object) -> None:
        """Send a message."""
        body = json.dumps(message).encode()
        self.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def notify(self, method: str, **params: Any) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a request and return its answer, whole."""
        self._id += 1
        self.send({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        return self.hear(lambda one: one.get("id") == self._id)

    def initialize(self, **capabilities: Any) -> dict[str, Any]:
        """Begin as editors do, and return what the server says about itself."""
        answer = self.ask("initialize", processId=None, rootUri=None, capabilities=capabilities)
        self.notify("initialized")
        result: dict[str, Any] = answer["result"]
        return result

    def hear(self, wanted: Any) -> dict[str, Any]:
        """Return the first message that is wanted; what came before it is forgotten."""
        assert self._process.stdout is not None
        while True:
            for place, one in enumerate(self._heard):
                if wanted(one):
                    del self._heard[: place + 1]
                    return one
            piece = self._process.stdout.read1(1 << 16)
            assert piece, f"the server ended: {self._heard}"
            found = self._framing.feed(piece)
            self._heard += [json.loads(one) for one in found if not isinstance(one, Garbage)]

    def ended(self) -> int:
        """Wait for the server's end and return its exit status."""
        return self._process.wait(PATIENCE)
