"""The host's side of the frames that worker_wire.py speaks: two lengths, a JSON header, a binary payload."""

import json
import struct
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from sandboxes.errors import SandboxLost
from sandboxes.transport import Transport

PREFIX = struct.Struct(">II")
MAX_HEADER = 64 << 20
MAX_PAYLOAD = 1 << 30
MAX_WAITING = 256 << 20


@dataclass(frozen=True, slots=True)
class Frame:
    """One message from the worker."""

    header: dict[str, Any]
    payload: bytes

    @property
    def op(self) -> str:
        """Name the kind of message."""
        return str(self.header.get("op", ""))


def encode(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """Return the bytes of a frame."""
    head = json.dumps(header, separators=(",", ":")).encode("ascii")
    return PREFIX.pack(len(head), len(payload)) + head + payload


class Decoder:
    """Whole frames out of a byte stream."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Take the next bytes and return the frames now complete; raises ValueError for a broken one."""
        self._data += data
        frames = []
        while (frame := self._next()) is not None:
            frames.append(frame)
        return frames

    def _next(self) -> Frame | None:
        if len(self._data) < PREFIX.size:
            return None
        head, body = PREFIX.unpack_from(self._data)
        if head > MAX_HEADER or body > MAX_PAYLOAD:
            raise ValueError("frame too large")
        end = PREFIX.size + head + body
        if len(self._data) < end:
            return None
        header = json.loads(self._data[PREFIX.size : PREFIX.size + head])
        if not isinstance(header, dict):
            raise ValueError("frame header is not an object")
        payload = bytes(self._data[PREFIX.size + head : end])
        del self._data[:end]
        return Frame(header, payload)


class Inbox:
    """Frames from the worker, read ahead by a thread so that the worker never waits for us for long."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._frames: deque[Frame] = deque()
        self._waiting = 0
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._pump, name="ratchet sandbox inbox", daemon=True)
        self._thread.start()

    def take(self, seconds: float) -> Frame | None:
        """Return the next frame, None after `seconds`; raises SandboxLost when there will be none."""
        with self._changed:
            self._changed.wait_for(lambda: self._frames or self._ended, timeout=seconds)
            if self._frames:
                frame = self._frames.popleft()
                self._waiting -= len(frame.payload)
                self._changed.notify_all()
                return frame
            if self._ended:
                raise SandboxLost("the sandbox ended by itself")
            return None

    def end(self) -> None:
        """Let everybody who waits know that nothing more comes."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def join(self, seconds: float) -> None:
        """Wait until nobody reads from the transport any more."""
        if threading.current_thread() is not self._thread:
            self._thread.join(seconds)

    def _pump(self) -> None:
        decoder = Decoder()
        try:
            while data := self._transport.read():
                for frame in decoder.feed(data):
                    self._add(frame)
        except ValueError:
            self._transport.kill()
        finally:
            self.end()

    def _add(self, frame: Frame) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting < MAX_WAITING or self._ended)
            self._frames.append(frame)
            self._waiting += len(frame.payload)
            self._changed.notify_all()
