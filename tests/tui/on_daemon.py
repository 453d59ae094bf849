"""The app on a daemon, as tests drive it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from agent.client.client import Client
from agent.client.registration import Address
from agent.config import UserConfig
from tests.daemon.daemon_process import DaemonProcess
from tui.app import RatchetApp
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed

PATIENCE = 30.0
"""Seconds; the machine may be busy."""
Make = Callable[[RatchetApp], Desk]


def desk_maker(daemon: DaemonProcess, repository: Path, settings: UserConfig | None = None) -> Make:
    """Return what makes a desk on a daemon that is found again wherever it is then."""

    async def find() -> Address:
        return Address(socket=daemon.registration["socket"])

    def make(app: RatchetApp) -> Desk:
        told, client = Told(app), Client(find)
        return Desk(told, DaemonFeed(client, told), client, repository, repository, settings or UserConfig())

    return make


def app_of(daemon: DaemonProcess, repository: Path) -> RatchetApp:
    """Return the app on a daemon, in a repository."""
    make = desk_maker(daemon, repository)
    return RatchetApp(lambda: make)


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    """Return once something is true."""
    async with asyncio.timeout(PATIENCE):
        while not true():
            await pilot.pause(0.02)
