"""Bounds on the bytes of an answer, kept while they come in."""

from collections.abc import Callable, Iterator
from typing import cast

import httpx2

MOST_BYTES = 64 * 1024**2
"""Of a whole answer; a streamed token takes some 200 bytes."""
MOST_OF_A_LINE = 8 * 1024**2


class TooMuch(ValueError):
    """The answer is larger than anything a model says."""


class Guarded(httpx2.SyncByteStream):
    """The body of a response, which tells of every piece and ends when it grows too large."""

    def __init__(self, response: httpx2.Response, on_bytes: Callable[[], None]) -> None:
        if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
            response.close()
            raise TooMuch("it is compressed, which was not asked for")
        # A client that is not asynchronous has no other streams.
        self._stream = cast(httpx2.SyncByteStream, response.stream)
        self._on_bytes = on_bytes

    def __iter__(self) -> Iterator[bytes]:
        total = line = 0
        for piece in self._stream:
            self._on_bytes()
            total += len(piece)
            newline = piece.rfind(b"\n")
            line = line + len(piece) if newline < 0 else len(piece) - newline - 1
            if total > MOST_BYTES or line > MOST_OF_A_LINE:
                raise TooMuch(f"it is larger than {min(total, MOST_BYTES) // 1024**2} MiB")
            yield piece

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
