"""A byte pipe between the host and the worker of one sandbox."""

import contextlib
import os
import select
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from sandboxes.errors import SandboxLost
from sandboxes.owner import descendants

CHUNK = 1 << 18
PATIENCE = 5.0


class Transport(Protocol):
    """The worker's standard input and output; how the worker was started is the backend's business.

    The worker is started as `<python> -I -S /opt/ratchet/worker.py --own-pid-namespace`, best as
    process 1 of its own PID namespace: then nothing inside can signal it.
    """

    def write(self, data: bytes) -> None:
        """Hand over all bytes; raises SandboxLost."""

    def read(self) -> bytes:
        """Wait for some bytes; b"" at the end."""

    def kill(self) -> None:
        """End the worker and all it runs, hard; idempotent and thread-safe."""


class PipeTransport:
    """A worker that is a child process of ours; `before_kill` runs each time before it is killed."""

    def __init__(
        self, process: subprocess.Popen[bytes], before_kill: Callable[[], None] = lambda: None
    ) -> None:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        self._process = process
        self._before_kill = before_kill
        self._stdin, self._stdout, self._stderr = process.stdin, process.stdout, process.stderr
        self._write = threading.Lock()
        self._kill = threading.Lock()
        self.complaint = ""
        """What the process wrote to its stderr, known once it was killed."""

    def write(self, data: bytes) -> None:
        """Hand over all bytes; raises SandboxLost."""
        with self._write, memoryview(data) as view:
            done = 0
            try:
                while done < len(view):
                    done += self._stdin.write(view[done:])
            except (OSError, ValueError) as error:
                raise SandboxLost("the sandbox is gone") from error

    def read(self) -> bytes:
        """Wait for some bytes; b"" at the end."""
        try:
            data: bytes = self._stdout.read(CHUNK)
        except ValueError:
            return b""
        if not data:
            self._stdout.close()
        return data

    def kill(self) -> None:
        """Kill the process and wait for it."""
        with self._kill:
            if self._process.returncode is not None:
                return
            with watched(descendants(self._process.pid)) as gone:
                self._before_kill()
                self._process.kill()
                self._process.wait()
                gone()
            self.complaint = self._stderr.read(16 * 1024).decode("utf-8", "replace").strip()
            self._stderr.close()
        # A writer blocked on a full pipe has been woken by the death of the reader.
        with self._write:
            self._stdin.close()


@contextmanager
def watched(pids: Iterable[int]) -> Iterator[Callable[[], None]]:
    """Give a function that waits until the processes have ended, however they are brought to it."""
    watches = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            watches.append(os.pidfd_open(pid))

    def wait() -> None:
        for watch in watches:
            # Not select: a busy process has descriptors beyond what it can name.
            poll = select.poll()
            poll.register(watch, select.POLLIN)
            poll.poll(PATIENCE * 1000)

    try:
        yield wait
    finally:
        for watch in watches:
            os.close(watch)


def start_process(argv: Sequence[str], *, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a worker with unbuffered pipes, in a session of its own so that terminal signals pass it by."""
    return subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        env=dict(env),
        cwd="/",
        start_new_session=True,
    )
