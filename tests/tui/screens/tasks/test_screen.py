"""The list of tasks is live, and several of them can be changed at once by keys alone."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from textual.command import CommandList
from textual.pilot import Pilot
from textual.widgets import Input, Static
from textual.widgets._toast import Toast

from agent.client.client import Client
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


@dataclass(frozen=True)
class Listed:
    """The list with three tasks of this repository, which wait for an answer, and one of another."""

    app: RatchetApp
    pilot: Pilot[None]
    client: Client
    asks: Sequence[str]
    """The oldest first."""
    subjects: Mapping[str, str]
    elsewhere: str

    @property
    def table(self) -> TaskTable:
        """Return the table on the screen."""
        return self.app.screen.query_one(TaskTable)

    def tasks(self) -> list[TaskSummary]:
        """Return the three as they are known by now."""
        assert self.app.desk is not None
        known = {one.task_id: one for one in self.app.desk.feed.tasks()}
        return [known[one] for one in self.asks if one in known]

    async def until(self, true: Callable[[], object]) -> None:
        """Return once something is true."""
        await until(self.pilot, true)

    async def shows(self, screen: type) -> None:
        """Return once a screen is on top."""
        await self.until(lambda: isinstance(self.app.screen, screen))


@asynccontextmanager
async def listing(daemon: DaemonProcess, here: Path) -> AsyncIterator[Listed]:
    """Give the list of a repository that had no tasks a moment ago."""
    make = desk_maker(daemon, here, UserConfig(tui=TuiConfig(vim_keys=True)))
    app = RatchetApp(lambda: make)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, TasksScreen) and app.screen.is_mounted)
        await until(pilot, lambda: "no tasks" in str(app.screen.query_one("#empty", Static).content))
        assert app.desk is not None and app.desk.client is not None
        client = app.desk.client

        async def made(where: str, *words: str) -> str:
            spec = TaskSpec(kind=TaskKind.FIX, repository=where, tests=words)
            return (await client.create(spec)).summary.task_id

        elsewhere = await made("/elsewhere", "step")
        # Those of one second come in no order, but always in the same.
        asks = sorted([await made(str(here), "ask", f"[bold m{n}m") for n in range(3)])
        subjects = {one: (await client.task(one)).spec.tests[1] for one in asks}
        listed = Listed(app, pilot, client, asks, subjects, elsewhere)
        await until(pilot, lambda: set(listed.table.ids) == set(asks))
        await until(pilot, lambda: subjects[asks[0]] in listed.table.cells(asks[0])[3].text)
        await pilot.press("escape")
        yield listed
        for one in listed.tasks():
            if one.status is not Status.FINISHED:
                await client.cancel(one.task_id)


def on_list(daemon: DaemonProcess, here: Path, doing: Callable[[Listed], Awaitable[None]]) -> None:
    """Do something on the list."""

    async def run() -> None:
        async with listing(daemon, here) as listed:
            await doing(listed)

    asyncio.run(run())


def test_the_list_is_filtered_and_a_priority_raised_by_keys_alone(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing(at: Listed) -> None:
        newest = at.asks[2]
        typed = at.subjects[newest][-3:]
        await at.pilot.press("slash", *"bold", "space", *typed)
        assert at.app.screen.query_one("#filter", Input).value == f"bold {typed}"
        await at.until(lambda: set(at.table.ids) == {newest})
        await at.pilot.press("enter", "plus")
        await at.until(lambda: at.tasks()[2].priority == 90)
        await at.pilot.press("escape")
        await at.until(lambda: len(at.table.ids) == 3)

    on_list(scripted, tmp_path, doing)


def test_marked_tasks_are_cancelled_together_after_one_question(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing(at: Listed) -> None:
        await at.pilot.press("G")
        await at.until(lambda: at.table.at_cursor == at.asks[0])
        await at.pilot.press("k", "g")
        await at.until(lambda: at.table.at_cursor == at.asks[2])
        await at.pilot.press("space", "space", "c")
        await at.until(lambda: isinstance(at.app.screen, Confirm) and at.app.screen.query("#question"))
        assert "2 tasks" in str(at.app.screen.query_one("#question", Static).content)
        await at.pilot.press("y")
        left = [Status.WAITING, Status.FINISHED, Status.FINISHED]
        await at.until(lambda: [one.status for one in at.tasks()] == left)
        said = f"fix in {tmp_path.name[:12]}"
        await at.until(lambda: any(said in str(one.render()) for one in at.app.screen.query(Toast)))

    on_list(scripted, tmp_path, doing)


def test_the_palette_lists_the_tasks_of_all_repositories(scripted: DaemonProcess, tmp_path: Path) -> None:
    async def doing(at: Listed) -> None:
        await at.pilot.press("ctrl+p", *"allrep")
        await at.until(lambda: [one.option_count for one in at.app.screen.query(CommandList)] == [1])
        await at.pilot.press("enter")
        await at.until(lambda: isinstance(at.app.screen, TasksScreen) and at.elsewhere in at.table.ids)

    on_list(scripted, tmp_path, doing)


def test_from_a_task_the_settings_lead_back_to_it_and_a_key_to_the_list(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing(at: Listed) -> None:
        at.app.post_message(OpenTask(at.elsewhere))
        await at.until(lambda: isinstance(at.app.screen, TaskScreen) and at.app.looked_at == at.elsewhere)
        await at.pilot.press("f4")
        await at.until(lambda: isinstance(at.app.screen, SettingsScreen) and not at.app.looked_at)
        await at.pilot.press("escape")
        await at.shows(TaskScreen)
        await at.pilot.press("f2")
        await at.shows(TasksScreen)

    on_list(scripted, tmp_path, doing)
