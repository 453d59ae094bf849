"""The app begins with what needs nothing, and keeps what terminals act on out of every line."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from agent.client.client import Client
from agent.client.registration import Address
from agent.protocol.task import TaskKind, TaskSpec
from tests.daemon.daemon_process import DaemonProcess
from tui.app import RatchetApp
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed
from tui.feed.feed import Link
from tui.screens.tasks.table import TaskTable


def app_of(daemon: DaemonProcess, folder: Path) -> RatchetApp:
    async def find() -> Address:
        return Address(socket=daemon.registration["socket"])

    def make(app: RatchetApp) -> Desk:
        told, client = Told(app), Client(find)
        return Desk(told, DaemonFeed(client, told), client, folder, None)

    return RatchetApp(lambda: make)


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await pilot.pause(0.02)


def test_a_task_that_is_submitted_elsewhere_appears_in_the_list(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing() -> None:
        app = app_of(scripted, tmp_path)
        async with app.run_test() as pilot:
            await until(pilot, lambda: app.desk is not None and app.desk.told.link_state.link is Link.UP)
            assert app.desk is not None and app.desk.client is not None
            spec = TaskSpec(kind=TaskKind.FIX, repository=str(tmp_path), tests=("step",))
            task_id = (await app.desk.client.create(spec)).summary.task_id
            await until(pilot, lambda: task_id in app.screen.query_one(TaskTable).ids)

    asyncio.run(doing())


def test_what_is_painted_first_imports_nothing_heavy() -> None:
    heavy = {"pydantic", "httpx", "agent.protocol", "agent.client", "textual.widgets._markdown"}
    code = f"import sys, tui.app; print(*({heavy!r} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert loaded.stdout.split() == []
