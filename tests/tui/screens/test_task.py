"""The screen of one task, on a daemon."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import TabbedContent

from agent.protocol.summary import Status, TaskSummary
from agent.protocol.task import TaskKind, TaskSpec
from tests.daemon.daemon_process import DaemonProcess
from tests.tui.shop import shop_app
from tui.app import RatchetApp
from tui.feed.feed import Link
from tui.messages import OpenTask
from tui.panes.log import LogPane
from tui.panes.work.transcript import Transcript
from tui.screens.tasks.confirm import Confirm
from tui.widgets.roll import Roll


def painted(app: RatchetApp) -> str:
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await pilot.pause(0.02)


def test_a_task_is_followed_changed_and_told_something_by_keys(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing() -> None:
        app = shop_app(scripted, None)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.desk is not None and app.desk.told.link_state.link is Link.UP)
            desk = app.desk
            assert desk is not None and desk.client is not None
            spec = TaskSpec(kind=TaskKind.FIX, repository=str(tmp_path), tests=("progress:3", "sleep:60"))
            task_id = (await desk.client.create(spec)).summary.task_id
            app.post_message(OpenTask(task_id))

            def summary() -> TaskSummary:
                return next(one for one in desk.feed.tasks() if one.task_id == task_id)

            await until(pilot, lambda: app.screen.query(Transcript))
            await until(pilot, lambda: "proposal 1 by script" in painted(app))
            assert "fix: progress:3, sleep:60" in painted(app)

            await pilot.press("plus")
            await until(pilot, lambda: "moved to priority 90" in painted(app))
            await pilot.press("p")
            await until(pilot, lambda: "‖ paused" in painted(app) and summary().status is Status.PAUSED)
            await pilot.press("p")
            await until(pilot, lambda: "resumed by" in painted(app))

            await pilot.press("f6")
            assert app.screen.query_one(TabbedContent).active == "log"
            await until(pilot, lambda: "PauseRequested" in painted(app))
            await pilot.press("o")
            pane = app.screen.query_one(LogPane)
            await until(pilot, lambda: "not read" not in pane.query_one(Roll).rows.blocks[1].entry.title)
            await pilot.press("f7")
            assert app.screen.query_one(TabbedContent).active == "work"

            await until(pilot, lambda: app.screen.query_one(Transcript).has_focus)
            await pilot.press("c")
            await until(pilot, lambda: isinstance(app.screen, Confirm))
            await pilot.press("y")
            await until(pilot, lambda: "! interrupted" in painted(app))
            assert not app.screen.check_action("cancel", ()) and app.screen.check_action("retry", ())

    asyncio.run(doing())


def test_a_task_that_nobody_knows_says_so(scripted: DaemonProcess) -> None:
    async def doing() -> None:
        app = shop_app(scripted, None, OpenTask("20200101-none"))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "Task 20200101-none" in painted(app))
            await until(pilot, lambda: "no task" in painted(app).lower())
            await pilot.press("escape")
            await until(pilot, lambda: not app.screen.query(Transcript))

    asyncio.run(doing())
