"""What a command in a sandbox prints, passed on while it runs, as often and as much as can be read."""

import codecs
import threading
import time
from types import TracebackType

from agent.protocol.progress import OnProgress, Progress

FRAME = 0.05
"""Seconds between two pieces."""
BYTES_PER_SECOND = 64 * 1024
_LINE = 4096


class Printed:
    """Takes bytes as they come, from one thread; a context manager, after which nothing is held back.

    Of a command that prints too much the newest is passed on, and how much was left out.
    """

    def __init__(self, on_progress: OnProgress, phase: str) -> None:
        self._on_progress = on_progress
        self._phase = phase
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._waiting = bytearray()
        self._left_out = 0
        self._allowance = _Allowance()
        self._told_at = 0.0
        self._ended = False

    def __enter__(self) -> "Printed":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._ended = True
            if self._timer is not None:
                self._timer.cancel()
            self._pass_on()

    def __call__(self, data: bytes) -> None:
        """Take what was printed next."""
        with self._lock:
            self._waiting += data
            self._shorten(BYTES_PER_SECOND)
            rest = self._told_at + FRAME - time.monotonic()
            if rest <= 0:
                self._pass_on()
            elif self._timer is None:
                # Whoever prints one line more and then works for a minute is seen to have printed it.
                self._timer = threading.Timer(rest, self._later)
                self._timer.daemon = True
                self._timer.start()

    def _later(self) -> None:
        with self._lock:
            self._timer = None
            if not self._ended:
                self._pass_on()

    def _pass_on(self) -> None:
        if not self._waiting:
            return
        self._shorten(self._allowance.take(len(self._waiting)))
        cut = f"\n[... {self._left_out} bytes left out ...]\n" if self._left_out else ""
        text = cut + self._decoder.decode(bytes(self._waiting), final=self._ended)
        self._waiting.clear()
        self._left_out, self._told_at = 0, time.monotonic()
        if text:
            self._on_progress(Progress(phase=self._phase, output=text))

    def _shorten(self, room: int) -> None:
        """Leave out the oldest of what waits, up to the end of a line when that is near."""
        over = len(self._waiting) - room
        if over > 0:
            end = self._waiting.find(b"\n", over - 1, over + _LINE)
            over = end + 1 if end >= 0 else over
            del self._waiting[:over]
            self._left_out += over
            self._decoder.reset()


class _Allowance:
    """How many bytes may be passed on: a second's worth, which fills up again as time goes by."""

    def __init__(self) -> None:
        self._bytes = float(BYTES_PER_SECOND)
        self._at = time.monotonic()

    def take(self, wanted: int) -> int:
        """Return how many of the wanted bytes may go."""
        now = time.monotonic()
        self._bytes = min(BYTES_PER_SECOND, self._bytes + (now - self._at) * BYTES_PER_SECOND)
        self._at = now
        taken = min(wanted, int(self._bytes))
        self._bytes -= taken
        return taken
