"""Tells of tasks that end or ask while the user looks elsewhere."""

import os
import time
from typing import Protocol

from textual.app import App

from agent.protocol.summary import TaskSummary
from tui.desk import Desk
from tui.notices.ending import Endings, Notice
from tui.notices.signal import signal
from tui.safe import line

_READ_SECONDS = 10


class Place(Protocol):
    """What the app has that any app has not."""

    @property
    def looked_at(self) -> str:
        """Return the id of the task on screen, empty for none."""

    def tell_terminal(self, sequence: str) -> None:
        """Write to the terminal, past what is painted."""


class Notices:
    """One per app; says it on screen unless the task is looked at, and by what the settings name."""

    def __init__(self, app: App[None], place: Place, desk: Desk) -> None:
        self._app = app
        self._place = place
        self._desk = desk
        self._endings = Endings(int(time.time()), desk.names)

    def begin(self) -> None:
        """Listen until the app ends; in a recording nothing ends now."""
        if self._desk.client is not None:
            self._desk.told.tasks.subscribe(self._app, self._hear)

    def opened(self, task_id: str) -> None:
        """Tell also of this task."""
        self._endings.opened(task_id)

    def _hear(self, task: TaskSummary) -> None:
        notice = self._endings.hear(task)
        if notice is None:
            return
        self._place.tell_terminal(
            signal(self._desk.settings.tui.notify, notice.title, notice.text, os.environ)
        )
        # What is asked is announced by the approvals, which know what it is.
        if not notice.asks and self._place.looked_at != notice.task_id:
            self._say(notice)

    def _say(self, notice: Notice) -> None:
        self._app.notify(
            line(notice.text, 300),
            title=line(notice.title),
            severity="information" if notice.good else "warning",
            timeout=_READ_SECONDS,
            markup=False,
        )
