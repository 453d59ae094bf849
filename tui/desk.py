"""What every screen works with: the tasks, the way to the daemon, the repository and the settings."""

from dataclasses import dataclass, field
from pathlib import Path

from textual.dom import DOMNode
from textual.signal import Signal

from agent.client.checkout import names_of
from agent.client.client import Client
from agent.config import UserConfig
from agent.protocol.progress import Progress
from agent.protocol.summary import TaskSummary
from agent.protocol.task import TaskSpec
from tui.feed.feed import Feed, Link, LinkState
from tui.feed.task_log import TaskLog


@dataclass(frozen=True, slots=True)
class Live:
    """What one task tells about itself while it runs."""

    task_id: str
    progress: Progress


class Told:
    """What a feed tells, for the widgets that subscribe to it."""

    def __init__(self, owner: DOMNode) -> None:
        self.tasks: Signal[TaskSummary] = Signal(owner, "tasks")
        self.logs: Signal[TaskLog] = Signal(owner, "logs")
        self.progress: Signal[Live] = Signal(owner, "progress")
        self.link: Signal[LinkState] = Signal(owner, "link")
        self.link_state = LinkState(Link.CONNECTING)

    def listed(self, summary: TaskSummary) -> None:
        """Pass on that a task is there, or changed."""
        self.tasks.publish(summary)

    def changed(self, log: TaskLog) -> None:
        """Pass on that an open task has further events."""
        self.logs.publish(log)

    def live(self, task_id: str, progress: Progress) -> None:
        """Pass on what a running task tells."""
        self.progress.publish(Live(task_id, progress))

    def linked(self, state: LinkState) -> None:
        """Pass on, and remember, how it stands with the daemon."""
        self.link_state = state
        self.link.publish(state)


@dataclass(slots=True)
class Desk:
    """One per app; screens are given it."""

    told: Told
    feed: Feed
    client: Client | None
    """None where a recording is played: nothing can be changed then."""
    folder: Path
    """Where the app was opened."""
    repository: Path | None
    """Top of the repository around it, None outside of any."""
    settings: UserConfig = field(default_factory=UserConfig)
    model: str | None = None
    """Who plans the tasks that are begun here; None leaves it to the settings."""

    memory: dict[str, object] = field(default_factory=dict)
    """What parts of screens want to know when they are made again, each under a name of its own."""
    names: frozenset[str] = field(init=False)
    """What tasks call the repository; empty outside of any."""

    def __post_init__(self) -> None:
        top, web = self.repository, self.settings.bot.web
        self.names = frozenset() if top is None else names_of(top, web)

    def clone_of(self, spec: TaskSpec | None) -> Path | None:
        """Return the repository when it is what a task is about, under whatever name."""
        return self.repository if spec is not None and spec.home in self.names else None

    async def run(self) -> None:
        """Keep what is told up to date until cancelled."""
        if self.client is None:
            await self.feed.run()
            return
        async with self.client:
            await self.feed.run()
