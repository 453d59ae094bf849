"""The daemon's end of a process that works for it: lines to it, lines from it, and its end."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.daemon.logs import Log
from agent.daemon.settings import Settings

_LONGEST_LINE = 4 * 1024 * 1024
Said = Callable[["WorkerLink", Mapping[str, Any]], None]
"""Takes what a worker says."""


@dataclass(slots=True, eq=False)
class Hold:
    """A worker's work on one task, from taking it to giving it back."""

    task_id: str
    is_cancelled: bool = False


class WorkerLink:
    """One worker process, in a process group of its own so that it ends with all it started."""

    def __init__(self, process: asyncio.subprocess.Process, log: Log) -> None:
        self._process = process
        self._log = log.bind(worker=process.pid)
        self.hold: Hold | None = None
        self.idle_since = time.monotonic()
        self.began_at = time.monotonic()
        self.asked_to_stop = False
        self.worked = False
        """True once it has recorded a step."""

    @classmethod
    async def start(cls, settings: Settings, log: Log) -> "WorkerLink":
        """Start a worker; raises OSError."""
        arguments = ["--story", settings.story]
        arguments += ["--machine", settings.machine, "--per-repository", str(settings.per_repository)]
        return await cls.start_module("agent.daemon.worker_process", settings, log, *arguments)

    @classmethod
    async def start_module(cls, module: str, settings: Settings, log: Log, *arguments: str) -> "WorkerLink":
        """Start a program of ours that obeys lines; raises OSError."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # the folder that the daemon happens to run in holds no modules of ours
            *("-m", module, "--state", str(settings.state), *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            env=_environment(settings),
            start_new_session=True,
        )
        return cls(process, log)

    @property
    def pid(self) -> int:
        """Return its process id, which is that of its group, too."""
        return self._process.pid

    def wake(self) -> None:
        """Say that a task waits."""
        self._say("wake")

    def drain(self) -> None:
        """Ask it to end once its task is done."""
        self.asked_to_stop = True
        self._say("drain")

    def stop(self) -> None:
        """Ask it to end now, with the step it is in left to the next owner."""
        self.asked_to_stop = True
        self._say("stop")

    def kill(self) -> None:
        """End it, and everything in its process group, at once."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def serve(self, said: Said) -> int:
        """Pass on what it says until it has ended; returns its exit status."""
        errors = asyncio.create_task(self._log_errors())
        try:
            await self._listen(said)
        finally:
            status = await self._process.wait()
            # Whatever it left behind works for nobody.
            self.kill()
            errors.cancel()
            await asyncio.gather(errors, return_exceptions=True)
        return status

    async def _listen(self, said: Said) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        while True:
            try:
                line = await stdout.readline()
            except ValueError:
                self._log.error("worker sent an overlong line")
                self.kill()
                return
            if not line.endswith(b"\n"):
                # The end, or what a killed worker could not finish saying.
                return
            said(self, json.loads(line))

    async def _log_errors(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        while line := await stderr.readline():
            text = line.decode("utf-8", "replace").rstrip()
            self._log.warning("worker wrote", text=text, task_id=self.hold.task_id if self.hold else None)

    def _say(self, word: str) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        if not stdin.is_closing():
            stdin.write(f"{word}\n".encode())


def _environment(settings: Settings) -> dict[str, str]:
    environment = dict(os.environ)
    environment.pop("RATCHET_DATABASE_URL", None)
    if settings.database is not None:
        # Not on the command line, which everybody on the machine can read.
        environment["RATCHET_DATABASE_URL"] = settings.database
    return environment
