"""A sandbox as seen from the host: requests to the worker inside, over a transport."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandboxes.channel import WorkerChannel
from sandboxes.errors import SandboxError, SandboxLost
from sandboxes.frames import Frame, Inbox, encode
from sandboxes.places import NOWHERE, Places
from sandboxes.results import lost, run_request, to_result
from sandboxes.sandbox import WORKSPACE, Channel, Command, InForce, Limits, Result, SandboxSpec
from sandboxes.transport import Transport

HANDSHAKE = 30.0
GRACE = 20.0
"""Seconds past a command's own limit after which a silent worker counts as lost."""
CANCEL = 4.0
"""Seconds after which a worker that does not heed a cancellation is taken down."""
FILES = 600.0
BATCH = 4 << 20
POLL = 0.05
OPEN_FILES = 4096


class WorkerSandbox:
    """A sandbox whose worker answers on `transport`; does the handshake, raises SandboxLost.

    `spec` gives the environment and limits of every command; `places` maps contract paths where
    nothing is mounted; `rlimits` adds process limits (name without RLIMIT_ -> value). `on_close`
    runs once, after the worker was killed.
    """

    def __init__(
        self,
        transport: Transport,
        in_force: InForce,
        *,
        on_close: Callable[[], None],
        spec: SandboxSpec | None = None,
        places: Places = NOWHERE,
        rlimits: Mapping[str, int] | None = None,
    ) -> None:
        self._transport = transport
        self._in_force = in_force
        self._on_close = on_close
        self._places = places
        self._env = places.env({"HOME": "/tmp", "TMPDIR": "/tmp", **(spec.env if spec else {})})
        self._inbox = Inbox(transport)
        self._turn = threading.Lock()
        self._closing = threading.Lock()
        self._closed = False
        self.python = self._greet(spec.limits if spec else Limits(), rlimits or {})

    @property
    def in_force(self) -> InForce:
        """Say what isolates the code."""
        return self._in_force

    def unpack(self, tar: Iterable[bytes], target: str = WORKSPACE) -> None:
        """Extract an uncompressed tar stream; raises SandboxError for a bad one, or when it does not fit."""
        with self._in_step():
            self._send({"op": "unpack", "target": self._places.path(target)})
            for batch in _batches(tar):
                self._send({"op": "data"}, batch)
            self._send({"op": "end"})
            self._answer()

    def put(self, files: Mapping[str, bytes | None]) -> None:
        """Write files, paths relative to the workspace; None removes one; raises SandboxError."""
        entries = [[path, None if data is None else len(data)] for path, data in files.items()]
        with self._in_step():
            self._send({"op": "put", "files": entries}, b"".join(data for data in files.values() if data))
            self._answer()

    def read(self, pattern: str, max_bytes: int) -> dict[str, bytes]:
        """Return matching regular files of the workspace; `**` is any depth, dot files match `*`.

        Files come in order of their paths; one that does not fit into what is left is left out.
        """
        with self._in_step():
            self._send({"op": "read", "pattern": pattern, "max_bytes": max_bytes})
            frame = self._answer()
        found, start = {}, 0
        for path, size in frame.header["files"]:
            found[str(path)] = frame.payload[start : start + size]
            start += size
        return found

    def run(
        self,
        command: Command,
        *,
        on_output: Callable[[bytes], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Result:
        """Run a command to its end; everything it started is gone when this returns.

        A sandbox that dies meanwhile is a Result with Ending.LOST; one that is closed raises SandboxLost.
        """
        started = time.monotonic()
        with self._in_step():
            try:
                self._start(command, stream=on_output is not None, channel=False)
                return self._attend(started + command.seconds + GRACE, on_output, cancel)
            except SandboxLost:
                self.close()
                return lost(time.monotonic() - started)

    def connect(self, command: Command) -> Channel:
        """Start a program and speak to it in messages; the sandbox is busy until the channel is closed."""
        self._take_turn()
        try:
            self._start(command, stream=False, channel=True)
        except SandboxLost:
            self._turn.release()
            raise
        end = time.monotonic() + command.seconds + GRACE
        return WorkerChannel(self._inbox, self._transport, self._turn.release, end)

    def close(self) -> None:
        """Take the sandbox down; safe to call twice and from another thread."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._inbox.end()
            self._transport.kill()
            self._inbox.join(GRACE)
            self._on_close()

    def _greet(self, limits: Limits, rlimits: Mapping[str, int]) -> str:
        bounds = {"FSIZE": limits.file_size, "NOFILE": OPEN_FILES, **rlimits}
        places = {"workspace": self._places.path(WORKSPACE), "tmp": self._places.path("/tmp")}
        try:
            self._send({"op": "hello", "rlimits": bounds, **places})
            frame = self._inbox.take(HANDSHAKE)
            if frame is None or frame.op != "ready":
                raise SandboxLost("the sandbox did not answer when it started")
        except BaseException:
            self.close()
            raise
        return str(frame.header["python"])

    def _start(self, command: Command, *, stream: bool, channel: bool) -> None:
        header = run_request(self._places.command(command), self._env)
        self._send({**header, "stream": stream, "channel": channel}, command.stdin)

    def _attend(
        self, end: float, on_output: Callable[[bytes], None] | None, cancel: threading.Event | None
    ) -> Result:
        asked = False
        while True:
            if cancel is not None and cancel.is_set() and not asked:
                asked, end = True, min(end, time.monotonic() + CANCEL)
                self._send({"op": "kill"})
            frame = self._inbox.take(POLL if cancel is not None and not asked else end - time.monotonic())
            if frame is None and time.monotonic() >= end:
                raise SandboxLost("the sandbox does not answer any more")
            if frame is not None and frame.op == "result":
                return to_result(frame)
            if frame is not None and frame.op == "output" and on_output is not None:
                on_output(frame.payload)

    def _answer(self) -> Frame:
        frame = self._inbox.take(FILES)
        if frame is None:
            raise SandboxLost("the sandbox does not answer any more")
        if frame.op == "error":
            hint = "raise the workspace limit" if frame.header["kind"] == "disk" else ""
            raise _Refused(f"the sandbox refused files: {frame.header['message']}", hint=hint)
        return frame

    def _send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        self._transport.write(encode(header, payload))

    def _take_turn(self) -> None:
        if self._closed:
            raise SandboxLost("the sandbox is closed")
        if not self._turn.acquire(blocking=False):
            raise SandboxError("the sandbox is busy with another command")

    @contextmanager
    def _in_step(self) -> Iterator[None]:
        """Have the worker to ourselves; whatever leaves a request half done ends the sandbox.

        Else the worker's late answers would be taken for those of the next request.
        """
        self._take_turn()
        try:
            yield
        except _Refused:
            raise
        except BaseException:
            self.close()
            raise
        finally:
            self._turn.release()


class _Refused(SandboxError):
    """The worker's answer to files that it would not take or give."""


def _batches(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join small chunks, so that a frame is worth its cost."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= BATCH:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
