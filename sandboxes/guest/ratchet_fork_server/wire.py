"""Messages between our processes: a 4-byte length, then JSON."""

import json
import os
import struct

_LENGTH = struct.Struct(">I")
_LARGEST = 256 * 1024 * 1024


def write(fd, message):
    """Write one message whole; raises OSError when nobody reads."""
    data = json.dumps(message, separators=(",", ":")).encode()
    data = _LENGTH.pack(len(data)) + data
    while data:
        data = data[os.write(fd, data) :]


class Reader:
    """Takes messages out of the bytes of one descriptor."""

    def __init__(self, fd):
        self.fd = fd
        self._bytes = bytearray()

    def fill(self):
        """Read what is there, blocking for the first byte; False at the end of the stream."""
        data = os.read(self.fd, 1 << 18)
        self._bytes += data
        return bool(data)

    def messages(self):
        """Yield the whole messages read so far; raises ValueError on bytes that are none."""
        while len(self._bytes) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._bytes)
            if length > _LARGEST:
                raise ValueError("message too long")
            end = _LENGTH.size + length
            if len(self._bytes) < end:
                return
            data = bytes(self._bytes[_LENGTH.size : end])
            del self._bytes[:end]
            yield json.loads(data.decode())
