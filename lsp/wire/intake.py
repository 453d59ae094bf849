"""Receives an editor's messages in a thread, so that a large one holds up nothing."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from typing import Generic, TypeVar

from lsp.wire.framing import MOST, Framing, Garbage

_PIECE = 1 << 16

T = TypeVar("T")


class Intake(Generic[T]):
    """Yields what `decode` makes of each message, in order, until the editor ends or `end` is called.

    Reading stops while more than `MOST` bytes wait to be handled.
    """

    def __init__(self, source: int, decode: Callable[[bytes], T], read: bytes = b"") -> None:
        """Begin with what was read already."""
        self._source = source
        self._decode = decode
        self._begun = read
        self._loop = asyncio.get_running_loop()
        self._arrived: asyncio.Queue[tuple[T, int] | None] = asyncio.Queue()
        self._room = threading.Condition()
        self._waiting = 0
        self._thread = threading.Thread(target=self._read, daemon=True, name="lsp-read")
        self._thread.start()

    async def __aiter__(self) -> AsyncIterator[T]:
        while (arrived := await self._arrived.get()) is not None:
            message, size = arrived
            yield message
            with self._room:
                self._waiting -= size
                self._room.notify()
            # Messages that came together leave room between them for whatever else there is to do.
            await asyncio.sleep(0)

    def end(self) -> None:
        """Take nothing more; for any thread."""
        self._hand_over(None)

    def join(self) -> None:
        """Wait until nothing is read any more; the source has to be at its end."""
        self._thread.join()

    def _read(self) -> None:
        framing = Framing()
        try:
            piece = self._begun or os.read(self._source, _PIECE)
            while piece:
                for found in framing.feed(piece):
                    if not isinstance(found, Garbage):
                        self._take(found)
                piece = os.read(self._source, _PIECE)
        except OSError:
            # A terminal or a socket whose other side is gone.
            pass
        self.end()

    def _take(self, body: bytes) -> None:
        with self._room:
            self._room.wait_for(lambda: self._waiting <= MOST)
            self._waiting += len(body)
        self._hand_over((self._decode(body), len(body)))

    def _hand_over(self, arrived: tuple[T, int] | None) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, arrived)
