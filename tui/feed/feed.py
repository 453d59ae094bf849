"""Where tasks come from, and who hears of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from agent.protocol.progress import Progress
from agent.protocol.summary import TaskSummary
from tui.feed.task_log import TaskLog


class Link(StrEnum):
    """How it stands with the daemon."""

    CONNECTING = "connecting"
    UP = "up"
    LOST = "lost"
    """It was there and is being looked for; tasks go on without us."""
    DOWN = "down"
    """It cannot be started, or what it says cannot be understood."""
    RECORDED = "recorded"
    """There is none: a recorded task is played."""


@dataclass(frozen=True, slots=True)
class LinkState:
    """How it stands with the daemon, and why."""

    link: Link
    reason: str = ""
    hint: str = ""

    @property
    def waits(self) -> bool:
        """True while nobody looks for the daemon until the next pause is over, or `again` is called."""
        return self.link is Link.DOWN


class Hears(Protocol):
    """Is told by a feed, in the event loop."""

    def listed(self, summary: TaskSummary) -> None:
        """Hear that a task is there, or changed."""

    def changed(self, log: TaskLog) -> None:
        """Hear that an open task has further events; of many at once only one time."""

    def live(self, task_id: str, progress: Progress) -> None:
        """Hear what an open task tells about itself while it runs."""

    def linked(self, state: LinkState) -> None:
        """Hear how it stands with the daemon."""


class Feed(Protocol):
    """The swap point between the daemon and a recording."""

    def tasks(self) -> Sequence[TaskSummary]:
        """Return what is known of every task, newest first."""

    def log(self, task_id: str) -> TaskLog | None:
        """Return an open task, None before its first event was read."""

    def open(self, task_id: str) -> None:
        """Follow a task from its first event on; has to be closed as often as it was opened."""

    def close(self, task_id: str) -> None:
        """Follow a task no longer, unless somebody else still does."""

    async def run(self) -> None:
        """Keep the list of tasks until cancelled."""

    def again(self) -> None:
        """Look for the daemon now rather than after a pause."""
