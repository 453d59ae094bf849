"""Frames between host and worker: header and payload length (4 bytes each, big-endian), JSON, bytes."""

import json
import os
import select
import struct

PREFIX = struct.Struct(">II")
CHUNK = 1 << 18


class HostGone(Exception):
    """The host closed its end: nobody is left to work for."""


class Wire(object):
    """Both directions of the pipe to the host, without blocking unless asked to."""

    def __init__(self, source, sink):
        os.set_blocking(source, False)
        os.set_blocking(sink, False)
        self.source = source
        self.sink = sink
        self._in = bytearray()
        self._out = bytearray()

    @property
    def pending(self):
        """Bytes queued for the host and not yet taken by it."""
        return len(self._out)

    def fill(self):
        """Take what the host has written so far; raises HostGone at its end."""
        try:
            data = os.read(self.source, CHUNK)
        except BlockingIOError:
            return
        if not data:
            raise HostGone
        self._in += data

    def next(self):
        """Return a complete (header, payload), or None."""
        if len(self._in) < PREFIX.size:
            return None
        head, body = PREFIX.unpack_from(self._in)
        end = PREFIX.size + head + body
        if len(self._in) < end:
            return None
        header = json.loads(self._in[PREFIX.size : PREFIX.size + head].decode("ascii"))
        payload = bytes(self._in[PREFIX.size + head : end])
        del self._in[:end]
        return header, payload

    def receive(self):
        """Wait for the next frame; raises HostGone."""
        while True:
            frame = self.next()
            if frame is not None:
                return frame
            select.select([self.source], [], [])
            self.fill()

    def queue(self, header, payload=b""):
        """Keep a frame to be written by flush."""
        head = json.dumps(header, separators=(",", ":")).encode("ascii")
        self._out += PREFIX.pack(len(head), len(payload))
        self._out += head
        self._out += payload

    def flush(self):
        """Write what the host takes now; raises HostGone."""
        try:
            with memoryview(self._out) as view:
                written = os.write(self.sink, view[:CHUNK])
        except BlockingIOError:
            return
        except BrokenPipeError:
            raise HostGone from None
        del self._out[:written]

    def send(self, header, payload=b""):
        """Write a frame to its end; raises HostGone."""
        self.queue(header, payload)
        while self._out:
            self.flush()
            if self._out:
                select.select([], [self.sink], [])
