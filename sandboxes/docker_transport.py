"""The pipe to the worker: a container's attached stream, taken apart into its frames."""

import contextlib
from collections.abc import Callable
from typing import Protocol

from sandboxes.errors import SandboxLost

_HEADER = 8
_STDOUT, _STDERR = 1, 2
_CHUNK = 256 * 1024
_KEEP_STDERR = 8 * 1024


class Closable(Protocol):
    """Something open."""

    def close(self) -> None:
        """Let go of it."""


class Connection(Closable, Protocol):
    """What a plain socket, a TLS socket and an SSH channel have in common."""

    def recv(self, size: int, /) -> bytes:
        """Return some bytes, none at the end."""

    def sendall(self, data: bytes, /) -> None:
        """Send everything."""

    def shutdown(self, how: int, /) -> None:
        """End one or both directions."""


class Frames:
    """Takes the attach stream apart: a header (stream, 0, 0, 0, length as uint32), then the payload."""

    def __init__(self) -> None:
        self._header = b""
        self._left = 0
        self._stream = 0
        self.stderr = b""
        """The last bytes of the other stream, for the log of a worker that would not start."""

    def feed(self, data: bytes) -> bytes:
        """Return the standard output contained in the next bytes, in any cut."""
        out: list[bytes] = []
        at = 0
        while at < len(data):
            if not self._left:
                at = self._take_header(data, at)
                continue
            piece = data[at : at + self._left]
            at += len(piece)
            self._left -= len(piece)
            if self._stream == _STDOUT:
                out.append(piece)
            elif self._stream == _STDERR:
                self.stderr = (self.stderr + piece)[-_KEEP_STDERR:]
        return out[0] if len(out) == 1 else b"".join(out)

    def _take_header(self, data: bytes, at: int) -> int:
        wanted = _HEADER - len(self._header)
        self._header += data[at : at + wanted]
        if len(self._header) == _HEADER:
            self._stream = self._header[0]
            self._left = int.from_bytes(self._header[4:], "big")
            self._header = b""
        return min(at + wanted, len(data))


class DockerTransport:
    """A Transport over an attached container; `end` removes the container and may be called again.

    `files` are what the SDK has opened on the connection: it stays open until they are closed too.
    """

    def __init__(self, connection: Connection, end: Callable[[], None], *files: Closable) -> None:
        self._connection = connection
        self._files = files
        self._end = end
        self._frames = Frames()

    @property
    def stderr(self) -> str:
        """Return the last of what the worker wrote outside the protocol."""
        return self._frames.stderr.decode("utf-8", "replace")

    def write(self, data: bytes) -> None:
        """Send bytes to the worker; raises SandboxLost when it is gone."""
        try:
            self._connection.sendall(data)
        except OSError as gone:
            raise SandboxLost("The container ended while it was written to.", log=self.stderr) from gone

    def read(self) -> bytes:
        """Return some bytes from the worker, none at the end."""
        while True:
            try:
                data = self._connection.recv(_CHUNK)
            except OSError:
                return b""
            if not data:
                return b""
            if out := self._frames.feed(data):
                return out

    def kill(self) -> None:
        """End the container at once, wherever another thread is waiting in it."""
        # A close alone would leave another thread's recv waiting for ever.
        with contextlib.suppress(OSError):
            self._connection.shutdown(2)
        self._end()

    def close(self) -> None:
        """Let go of the connection, once nobody reads from it."""
        for each in (*self._files, self._connection):
            with contextlib.suppress(OSError):
                each.close()
