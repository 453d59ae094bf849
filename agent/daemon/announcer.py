"""What a worker process tells the daemon about its work: one JSON object a line."""

import json
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from pydantic import BaseModel

from agent.daemon.pieces import is_piece
from agent.engine.story import Hold, Performer, Story
from agent.protocol.event import Body, Event
from agent.protocol.state import TaskState

_PROGRESS_SECONDS = 0.05
_LONGEST_MESSAGE = 2000


class Announcer:
    """A Listener that writes to a pipe; progress is thinned out, events never.

    `on_gone` is called when nobody reads the pipe any more.
    """

    def __init__(self, pipe: IO[bytes], on_gone: Callable[[], None]) -> None:
        self._pipe = pipe
        self._on_gone = on_gone
        self._lock = threading.Lock()
        self._shown: tuple[float, str] = (0.0, "")

    def on_event(self, event: Event) -> None:
        """Say that an event was recorded."""
        self._say(
            {"task_id": event.task_id, "seq": event.seq, "type": event.body.type, "seconds": event.seconds}
        )

    def on_progress(self, task_id: str, update: object) -> None:
        """Pass a live update on, unless one like it was passed on a moment ago; pieces of text always."""
        assert isinstance(update, BaseModel)
        data = update.model_dump(mode="json", exclude_none=True)
        phase, now = str(data.get("phase")), time.monotonic()
        shown_at, shown_phase = self._shown
        if not is_piece(data):
            if phase == shown_phase and now - shown_at < _PROGRESS_SECONDS:
                return
            self._shown = (now, phase)
        data["message"] = str(data.get("message", ""))[:_LONGEST_MESSAGE]
        self._say({"task_id": task_id, "progress": data})

    def on_hold(self, task_id: str | None) -> None:
        """Say which task is being worked on; None for none."""
        self._say({"holds": task_id})

    def _say(self, line: dict[str, Any]) -> None:
        data = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        try:
            with self._lock:
                # An unbuffered pipe may take less than all of it.
                while data:
                    data = data[self._pipe.write(data) or 0 :]
        except BrokenPipeError:
            # Must not look like a fault of the step that had something to say.
            self._on_gone()


class AnnouncedStory:
    """A Story that says when work on a task begins and ends."""

    def __init__(self, story: Story, announcer: Announcer) -> None:
        self._story = story
        self._announcer = announcer

    def next_step(self, state: TaskState) -> str | None:
        """Return the key of the step that follows."""
        return self._story.next_step(state)

    def open(self, state: TaskState, hold: Hold) -> Performer:
        """Begin or go on with a task."""
        self._announcer.on_hold(hold.task_id)
        try:
            return _Announced(self._story.open(state, hold), self._announcer)
        except BaseException:
            self._announcer.on_hold(None)
            raise


class _Announced:
    def __init__(self, performer: Performer, announcer: Announcer) -> None:
        self._performer = performer
        self._announcer = announcer

    def perform(self, state: TaskState, step_key: str) -> Body | None:
        return self._performer.perform(state, step_key)

    @property
    def uncounted(self) -> float:
        return self._performer.uncounted

    def close(self) -> None:
        try:
            self._performer.close()
        finally:
            self._announcer.on_hold(None)
