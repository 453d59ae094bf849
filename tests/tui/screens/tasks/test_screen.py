"""The list of tasks is live, and several of them can be changed at once by keys alone."""

import asyncio
from pathlib import Path

from textual.command import CommandList
from textual.widgets import Input, Static
from textual.widgets._toast import Toast

from agent.config import UserConfig
from agent.protocol.summary import Status, TaskSummary
from agent.protocol.task import TaskKind, TaskSpec
from agent.sections import TuiConfig
from tests.daemon.daemon_process import DaemonProcess
from tests.tui.on_daemon import desk_maker, until
from tui.app import RatchetApp
from tui.messages import OpenTask
from tui.screens.settings.screen import SettingsScreen
from tui.screens.task import TaskScreen
from tui.screens.tasks.confirm import Confirm
from tui.screens.tasks.screen import TasksScreen
from tui.screens.tasks.table import TaskTable


def test_several_tasks_are_filtered_marked_and_changed_by_keys_alone(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    here = str(tmp_path)

    async def doing() -> None:
        make = desk_maker(scripted, tmp_path, UserConfig(tui=TuiConfig(vim_keys=True)))
        app = RatchetApp(lambda: make)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await until(pilot, lambda: isinstance(app.screen, TasksScreen) and app.screen.is_mounted)
            assert app.desk is not None and app.desk.client is not None
            feed, client = app.desk.feed, app.desk.client

            def task(task_id: str) -> TaskSummary | None:
                return next((one for one in feed.tasks() if one.task_id == task_id), None)

            def table() -> TaskTable:
                return app.screen.query_one(TaskTable)

            def spec(*words: str, kind: TaskKind = TaskKind.FIX, where: str = here) -> TaskSpec:
                return TaskSpec(kind=kind, repository=where, tests=words)

            async def made(given: TaskSpec) -> str:
                return (await client.create(given)).summary.task_id

            await until(pilot, lambda: "no tasks" in str(app.screen.query_one("#empty", Static).content))
            elsewhere = await made(spec("step", where="/elsewhere"))
            # Those of one second come in no order, but always in the same.
            asks = sorted([await made(spec("ask", f"[bold m{n}m")) for n in range(3)])
            subjects = {one: (await client.task(one)).spec.tests[1] for one in asks}

            def statuses() -> list[Status]:
                return [one.status for one in map(task, asks) if one is not None]

            await until(pilot, lambda: all(task(one) for one in (elsewhere, *asks)))
            await until(pilot, lambda: set(table().ids) == set(asks))
            await until(pilot, lambda: subjects[asks[0]] in table().cells(asks[0])[3].text)

            await pilot.press("escape", "slash", *"bold", "space", *subjects[asks[2]][-3:])
            assert app.screen.query_one("#filter", Input).value == f"bold {subjects[asks[2]][-3:]}"
            await until(pilot, lambda: set(table().ids) == {asks[2]})
            await pilot.press("enter", "plus")
            await until(pilot, lambda: (one := task(asks[2])) and one.priority == 90)
            await pilot.press("escape")
            await until(pilot, lambda: len(table().ids) == 3)

            await pilot.press("G")
            await until(pilot, lambda: table().at_cursor == asks[0])
            await pilot.press("k", "g")
            await until(pilot, lambda: table().at_cursor == asks[2])
            await pilot.press("space", "space", "c")
            await until(pilot, lambda: isinstance(app.screen, Confirm) and app.screen.query("#question"))
            assert "2 tasks" in str(app.screen.query_one("#question", Static).content)
            await pilot.press("y")
            await until(pilot, lambda: statuses() == [Status.WAITING, Status.FINISHED, Status.FINISHED])
            said = "fix in test_several"
            await until(pilot, lambda: any(said in str(one.render()) for one in app.screen.query(Toast)))
            await pilot.press("ctrl+p", *"allrep")
            await until(pilot, lambda: [one.option_count for one in app.screen.query(CommandList)] == [1])
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, TasksScreen) and elsewhere in table().ids)
            await client.cancel(asks[0])

            app.post_message(OpenTask(asks[1]))
            await until(pilot, lambda: isinstance(app.screen, TaskScreen) and app.looked_at == asks[1])
            await pilot.press("f4")
            await until(pilot, lambda: isinstance(app.screen, SettingsScreen) and not app.looked_at)
            await pilot.press("escape")
            await until(pilot, lambda: isinstance(app.screen, TaskScreen))
            await pilot.press("f2")
            await until(pilot, lambda: isinstance(app.screen, TasksScreen))

    asyncio.run(doing())
