"""The stream of records to the host: JSON lines on an inherited descriptor, chained by a keyed hash.

PYTEST_DONT_REWRITE
"""

import fcntl
import hashlib
import hmac
import json
import os
import stat
import time

# Bound here, before any code of the repository can replace them.
_write = os.write
_fstat = os.fstat
_getpid = os.getpid
_dumps = json.dumps
_now = time.monotonic
_mac = hmac.new
_sha = hashlib.sha256

HIGH = 200


class Stream(object):
    """Writes records in order from one process; a forked child and a lost descriptor stay silent."""

    def __init__(self, fd, key):
        self._fd = fd
        self._key = key
        self._last = b""
        self._pid = _getpid()
        self._started = _now()
        self._file = _identity(fd)

    def send(self, record):
        """Append one record; nothing is written when the descriptor is no longer ours."""
        if _getpid() != self._pid or _identity(self._fd) != self._file:
            return
        record["at"] = round(_now() - self._started, 4)
        body = _dumps(record, ensure_ascii=True, separators=(",", ":")).encode("ascii")
        self._last = _mac(self._key, self._last + body, _sha).hexdigest()[:32].encode("ascii")
        self._push(self._last + b" " + body + b"\n")

    def _push(self, data):
        # Pieces up to this size reach a pipe whole, so a stranger's write cannot land inside one.
        while data:
            try:
                data = data[_write(self._fd, data[:4096]) :]
            except BlockingIOError:
                time.sleep(0.001)
            except OSError:
                return


def _identity(fd):
    try:
        status = _fstat(fd)
    except OSError:
        return None
    return (status.st_dev, status.st_ino)


def open_stream(number, path, key):
    """Take the report pipe away from everybody else in this process; returns None when there is none.

    `path` names the pipe under /proc for runners that close inherited descriptors.
    """
    fd = _inherited(number)
    if fd is None and path:
        try:
            fd = os.open(path, os.O_WRONLY)
        except OSError:
            return None
    if fd is None:
        return None
    high = _raise(fd)
    os.close(fd)
    return Stream(high, key)


def _inherited(number):
    try:
        fd = int(number)
        if stat.S_ISFIFO(_fstat(fd).st_mode):
            return fd
    except (OSError, TypeError, ValueError):
        pass
    return None


def _raise(fd):
    # High numbers survive code that closes or reuses the first few descriptors.
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH)
    except OSError:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
