"""A task that cannot be read is told of, whenever the link comes."""

import asyncio
from collections.abc import AsyncIterator

from agent.client.client import Client
from agent.client.registration import Address
from agent.client.stream import Linked
from agent.protocol.errors import UsageError
from agent.protocol.event import Event
from agent.protocol.progress import Progress
from agent.protocol.summary import TaskSummary
from tui.feed.daemon_feed import DaemonFeed
from tui.feed.feed import Link, LinkState
from tui.feed.task_log import TaskLog


class Late(Client):
    """Knows no task, and says so before it is linked."""

    async def changes(self, linked: Linked | None = None) -> AsyncIterator[TaskSummary]:
        await asyncio.sleep(0.05)
        assert linked is not None
        linked(True)
        await asyncio.Event().wait()
        nothing: tuple[TaskSummary, ...] = ()
        for none in nothing:
            yield none

    async def events(self, task_id: str, *, after: int = 0) -> AsyncIterator[Event | Progress]:
        raise UsageError(f"there is no task {task_id}", hint="ratchet tasks list")
        yield Progress(phase="never")


class Heard:
    def __init__(self) -> None:
        self.links: list[LinkState] = []

    def linked(self, state: LinkState) -> None:
        self.links.append(state)

    def listed(self, summary: TaskSummary) -> None:
        raise AssertionError(summary)

    def changed(self, log: TaskLog) -> None:
        raise AssertionError(log)

    def live(self, task_id: str, progress: Progress) -> None:
        raise AssertionError(progress)


async def nowhere() -> Address:
    raise AssertionError


def test_what_is_wrong_with_a_task_outlasts_the_coming_of_the_link_and_goes_with_the_task() -> None:
    async def run() -> list[LinkState]:
        heard = Heard()
        async with Late(nowhere) as client:
            feed = DaemonFeed(client, heard)
            running = asyncio.create_task(feed.run())
            feed.open("t1")
            while not heard.links or heard.links[-1].link is not Link.UP:
                await asyncio.sleep(0.01)
            feed.close("t1")
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return heard.links

    said = ("there is no task t1", "ratchet tasks list")
    links = asyncio.run(run())
    assert links[-3:] == [
        LinkState(Link.CONNECTING, *said),
        LinkState(Link.UP, *said),
        LinkState(Link.UP),
    ]
