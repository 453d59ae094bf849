"""Cuts a stream of bytes into messages (LSP base protocol), whatever a client sends between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 64 * 1024 * 1024
"""Bytes of a message; a longer one is passed over."""
_MOST_HEADER = 4096
_LONGEST_NAME = 32
"""What may be the beginning of a header's name at the end of what came so far."""
_BLANK = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"^[ \t]*content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
# No JSON text holds a raw line end inside a string, so that this is never part of a message.
_START = re.compile(rb"(?:^|(?<=[\n}\]]))content-(?:length|type)[ \t]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no message, and why; reading goes on behind them."""

    reason: str
    size: int


class Framing:
    """Takes pieces as they come and yields whole message bodies."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._waiting = bytearray()
        self._length: int | None = None

    def feed(self, piece: bytes) -> Iterator[bytes | Garbage]:
        """Yield what a further piece completes."""
        self._waiting += piece
        while True:
            found = self._body() if self._length is not None else self._header()
            if found is None:
                return
            if found != b"":
                yield found

    def _body(self) -> bytes | None:
        assert self._length is not None
        if len(self._waiting) < self._length:
            return None
        body = bytes(self._waiting[: self._length])
        del self._waiting[: self._length]
        self._length = None
        return body or b" "

    def _header(self) -> bytes | Garbage | None:
        """Read a header; empty bytes when there is one, None when more has to come."""
        end = _BLANK.search(self._waiting)
        if end is None:
            if len(self._waiting) > _MOST_HEADER:
                return self._pass_over("this is no header")
            return None
        stated = _LENGTH.search(self._waiting, 0, end.start())
        if stated is None:
            return self._pass_over("the header has no Content-Length")
        length = int(stated[1])
        del self._waiting[: end.end()]
        if length > self._most:
            return Garbage("the message is too long", end.end())
        self._length = length
        return b""

    def _pass_over(self, reason: str) -> Garbage | None:
        """Drop everything up to where a header may begin."""
        found = _START.search(self._waiting, 1)
        size = max(0, len(self._waiting) - _LONGEST_NAME if found is None else found.start())
        if not size:
            return None
        del self._waiting[:size]
        return Garbage(reason, size)
