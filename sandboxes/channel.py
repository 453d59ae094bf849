"""A long-running program in a sandbox, spoken to in whole messages."""

import time
from collections import deque
from collections.abc import Callable

from sandboxes.errors import SandboxLost
from sandboxes.frames import Frame, Inbox, encode
from sandboxes.results import lost, to_result
from sandboxes.sandbox import Result
from sandboxes.transport import Transport

FAREWELL = 0.5
"""Seconds that a program gets to leave by itself once its channel has ended."""
ANSWER = 20.0


class WorkerChannel:
    """The program that the worker runs now; `end` is when a silent worker counts as lost."""

    def __init__(self, inbox: Inbox, transport: Transport, on_close: Callable[[], None], end: float) -> None:
        self._inbox = inbox
        self._transport = transport
        self._on_close = on_close
        self._end = end
        self._started = time.monotonic()
        self._messages: deque[bytes] = deque()
        self._result: Result | None = None
        self._closed = False

    def send(self, message: bytes) -> None:
        """Hand over one message; raises SandboxLost when the program is gone."""
        if self._result is not None:
            raise SandboxLost(f"the program has ended: {self._result.ending}")
        self._transport.write(encode({"op": "send"}, message))

    def receive(self, seconds: float) -> bytes | None:
        """Return the next message, None after `seconds`; raises SandboxLost when the program is gone."""
        end = time.monotonic() + seconds
        while not self._messages:
            if self._result is not None:
                raise SandboxLost(f"the program has ended: {self._result.ending}")
            frame = self._inbox.take(max(min(end, self._end) - time.monotonic(), 0.0))
            if frame is None and time.monotonic() >= self._end:
                raise SandboxLost("the sandbox does not answer any more")
            if frame is None:
                return None
            self._note(frame)
        return self._messages.popleft()

    def close(self) -> Result:
        """End the program and everything it started, and say how it ended; messages left are dropped."""
        if self._result is None:
            self._result = self._finish()
        if not self._closed:
            self._closed = True
            self._on_close()
        return self._result

    def _finish(self) -> Result:
        try:
            self._transport.write(encode({"op": "finish", "seconds": FAREWELL}))
            end = time.monotonic() + ANSWER
            while self._result is None:
                frame = self._inbox.take(end - time.monotonic())
                if frame is None:
                    raise SandboxLost("the sandbox does not answer any more")
                self._note(frame)
        except SandboxLost:
            self._transport.kill()
            return lost(time.monotonic() - self._started)
        return self._result

    def _note(self, frame: Frame) -> None:
        if frame.op == "message":
            self._messages.append(frame.payload)
        elif frame.op == "result":
            self._result = to_result(frame)
