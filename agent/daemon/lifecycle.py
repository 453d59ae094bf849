"""One daemon per state directory: the lock, the socket, and the file that says where it listens."""

import contextlib
import errno
import fcntl
import hashlib
import os
import socket
import stat
from pathlib import Path
from typing import IO

from agent.daemon.errors import AlreadyRunning, CannotListen
from agent.listening import tcp_socket
from agent.protocol.value import Value

LOCK, REGISTRATION, SOCKET = "daemon.lock", "daemon.json", "daemon.sock"
_LONGEST_PATH = 100
"""Bytes; the kernel takes 107 on Linux and 103 on macOS."""
_BACKLOG = 1024


class Registration(Value):
    """The content of `daemon.json`, which front ends read."""

    pid: int
    socket: str
    version: str
    api: int
    started_at: int
    tcp: str | None = None


class StateLock:
    """The right to be the daemon of a state directory; the kernel drops it with the process."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._file: IO[str] | None = None
        self.after_crash = False
        """True when the daemon before this one did not end in good order."""

    def acquire(self) -> None:
        """Raises AlreadyRunning, and CannotListen when the directory cannot be written."""
        try:
            self._state.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.fdopen(os.open(self._state / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "w")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"another daemon serves {self._state}", hint="`ratchet daemon status` shows it"
            ) from None
        except OSError as error:
            raise _unwritable(self._state, error) from None
        self.after_crash = (self._state / REGISTRATION).exists()

    def register(self, registration: Registration) -> None:
        """Tell front ends where to find this daemon; raises CannotListen."""
        new = self._state / f"{REGISTRATION}.new"
        try:
            with open(new, "w", encoding="utf-8", opener=_private) as file:
                file.write(registration.model_dump_json())
            new.replace(self._state / REGISTRATION)
        except OSError as error:
            raise _unwritable(self._state, error) from None

    def release(self) -> None:
        """Let the next daemon begin."""
        with contextlib.suppress(OSError):
            (self._state / REGISTRATION).unlink(missing_ok=True)
        if self._file is not None:
            self._file.close()


def socket_path(state: Path) -> Path:
    """Return where the Unix socket of a state directory lies; raises CannotListen."""
    wanted = state / SOCKET
    if len(os.fsencode(wanted)) <= _LONGEST_PATH:
        return wanted
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    directory = Path(runtime, "ratchet") if runtime else Path(f"/tmp/ratchet-{os.getuid()}")
    _make_private(directory)
    return directory / f"{hashlib.sha256(os.fsencode(state)).hexdigest()[:16]}.sock"


def listen_unix(path: Path) -> socket.socket:
    """Bind the socket of the holder of the state lock, replacing a stale one; raises CannotListen."""
    _clear_stale(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise _unusable(path, error.strerror or "cannot be bound") from None
    finally:
        os.umask(mask)
    listener.listen(_BACKLOG)
    return listener


def listen_tcp(host: str, port: int) -> socket.socket:
    """Bind a TCP port; raises CannotListen."""
    try:
        return tcp_socket(host, port, _BACKLOG)
    except OSError as error:
        said = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise CannotListen(f"{host}:{port} {said}", hint="choose another --listen HOST:PORT") from None


def _clear_stale(path: Path) -> None:
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    except OSError as error:
        raise _unusable(path, error.strerror or "cannot be read") from None
    if not stat.S_ISSOCK(kind):
        raise _unusable(path, "is in the way: it is not a socket")
    if _answers(path):
        raise _unusable(path, "is taken: another program listens there")
    try:
        path.unlink()
    except OSError as error:
        raise _unusable(path, error.strerror or "cannot be removed") from None


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
        return True


def _make_private(directory: Path) -> None:
    """Make a directory that nobody else can have prepared for us; raises CannotListen."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
    except OSError as error:
        raise _unusable(directory, error.strerror or "cannot be made") from None
    ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    if not ours:
        raise _unusable(directory, "is not a directory of ours with mode 0700")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _unusable(path: Path, what: str) -> CannotListen:
    return CannotListen(f"{path} {what}", hint="move it away, or set RATCHET_STATE_DIR to another folder")


def _unwritable(state: Path, error: OSError) -> CannotListen:
    hint = "free some disk space" if error.errno == errno.ENOSPC else "make it writable"
    return CannotListen(
        f"{state} cannot be written: {error.strerror}", hint=f"{hint}, or set RATCHET_STATE_DIR"
    )
