"""Sends messages to an editor from threads, so that one that does not read holds up nothing."""

import os
import threading
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

MOST = 64 * 1024 * 1024
"""Bytes, and in thousands messages, that wait for an editor. One that leaves more unread is taken for gone:
to leave messages out would leave it with a wrong picture, and the daemon keeps every task."""
_MOST_MESSAGES = 100_000
_LAST_WORDS_SECONDS = 2.0

Encode = Callable[[Any], bytes]


class Outlet:
    """Encodes in one thread and writes in another, in the order of `put`; `lost` is called, in a thread, once
    nobody reads any more."""

    def __init__(self, target: int, encode: Encode, lost: Callable[[], None], most: int = MOST) -> None:
        self._target = target
        self._encode = encode
        self._lost = lost
        self._most = most
        self._given: SimpleQueue[Any] = SimpleQueue()
        self._changed = threading.Condition()
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._closed = False
        self._threads = [
            threading.Thread(target=run, daemon=True, name=name)
            for run, name in ((self._encode_all, "lsp-encode"), (self._write_all, "lsp-write"))
        ]
        for thread in self._threads:
            thread.start()

    def put(self, message: Any) -> None:
        """Send a message some time; it may not be changed from now on. Never waits."""
        self._given.put((message,))
        if self._given.qsize() > _MOST_MESSAGES:
            self._give_up()

    def close(self, seconds: float = _LAST_WORDS_SECONDS) -> None:
        """Send what waits, for so many seconds at most, and end."""
        self._given.put(None)
        for thread in self._threads:
            thread.join(seconds)

    def _encode_all(self) -> None:
        while (given := self._given.get()) is not None:
            self._queue(self._encode(given[0]))
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _queue(self, encoded: bytes) -> None:
        with self._changed:
            self._waiting.append(encoded)
            self._size += len(encoded)
            too_much = self._size > self._most or len(self._waiting) > _MOST_MESSAGES
            self._changed.notify()
        if too_much:
            self._give_up()

    def _write_all(self) -> None:
        try:
            while encoded := self._next():
                left = memoryview(encoded)
                while left:
                    left = left[os.write(self._target, left) :]
        except OSError:
            self._give_up()

    def _next(self) -> bytes:
        """Return what is to be written; nothing at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if not self._waiting:
                return b""
            encoded = self._waiting.popleft()
            self._size -= len(encoded)
            return encoded

    def _give_up(self) -> None:
        with self._changed:
            self._waiting.clear()
            self._size = 0
        self._lost()
