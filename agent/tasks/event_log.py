"""The event store of a task: one JSON line an event, appended once per step."""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from agent.protocol.errors import RatchetError, UsageError
from agent.protocol.event import Body, Event, parse_event

FILE = "events.jsonl"


class LogBroken(RatchetError):
    """A line of an event log cannot be read."""

    code = "log"


class EventLog:
    """An append-only log; a step key is recorded at most once, whoever appends."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.path = directory / FILE

    @property
    def task_id(self) -> str:
        """Return the id of the task, which names its directory."""
        return self.directory.name

    @classmethod
    def create(cls, state: Path) -> "EventLog":
        """Make the log of a new task below the state directory."""
        directory = state / "tasks" / new_task_id()
        directory.mkdir(parents=True, mode=0o700)
        return cls(directory)

    @classmethod
    def open(cls, state: Path, task_id: str) -> "EventLog":
        """Open the log of a known task; raises UsageError."""
        directory = state / "tasks" / task_id
        if not (directory / FILE).is_file():
            raise UsageError(f"no task {task_id!r}", hint="`ratchet purge --json` lists what is kept")
        return cls(directory)

    def events(self) -> Iterator[Event]:
        """Yield the events in order; a torn last line, left by a crash, is ignored."""
        if not self.path.exists():
            return
        lines = self.path.read_bytes().split(b"\n")
        for number, line in enumerate(lines[:-1], 1):
            try:
                yield parse_event(json.loads(line))
            except ValueError as error:
                raise LogBroken(f"{self.path}, line {number}: {error}") from None

    def append(self, step_key: str, body: Body) -> Event:
        """Record a step and return its event; a step recorded before returns the recorded one."""
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            recorded = list(self.events())
            for event in recorded:
                if event.step_key == step_key:
                    return event
            event = Event(
                seq=len(recorded) + 1,
                task_id=self.task_id,
                step_key=step_key,
                recorded_at=int(time.time()),
                body=body,
            )
            self._write(file.fileno(), event)
            return event

    def _write(self, descriptor: int, event: Event) -> None:
        # A crash may have left half a line: the new one must not be glued to it.
        end = self.path.read_bytes().rfind(b"\n") + 1
        os.ftruncate(descriptor, end)
        os.write(descriptor, event.model_dump_json().encode() + b"\n")
        os.fsync(descriptor)


def new_task_id() -> str:
    """Return an id that sorts by time: `YYYYMMDD-HHMMSS-xxxx`."""
    return time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(2)
