"""What a program writes, held within bounds."""


class Capped(object):
    """The head and the tail of a stream, and how long it was."""

    def __init__(self, keep):
        self._half = max(keep // 2, 1)
        self._keep = keep
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def add(self, data):
        """Take the next bytes."""
        self.total += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 4 * self._half:
            del self._tail[: -self._half]

    def parts(self):
        """Return (head, tail); the tail is empty when nothing was cut."""
        if self.total <= self._keep:
            return bytes(self._head + self._tail), b""
        return bytes(self._head), bytes(self._tail[-self._half :])


class Report(object):
    """The bytes of the report pipe up to a bound."""

    def __init__(self, limit):
        self._limit = limit
        self.data = bytearray()
        self.cut = False

    def add(self, data):
        """Take the next bytes."""
        room = self._limit - len(self.data)
        self.cut = self.cut or len(data) > room
        self.data += data[: max(room, 0)]


class Messages(object):
    """Whole messages out of a pipe: a 4-byte big-endian length, then that many bytes."""

    LIMIT = 64 << 20

    def __init__(self):
        self._data = bytearray()

    def add(self, data):
        """Take the next bytes, return the messages now complete; raises ValueError for an oversized one."""
        self._data += data
        found = []
        while len(self._data) >= 4:
            size = int.from_bytes(self._data[:4], "big")
            if size > self.LIMIT:
                raise ValueError("message of %d bytes" % size)
            if len(self._data) < 4 + size:
                break
            found.append(bytes(self._data[4 : 4 + size]))
            del self._data[: 4 + size]
        return found
