"""The start loses no key, can fail and be tried again, and then everything can be done by name and by key."""

import asyncio
import re
import threading
from pathlib import Path

import pytest
from textual.widgets import HelpPanel, Static, TextArea
from textual.widgets._toast import Toast

from agent.config import UserConfig
from agent.protocol.errors import UsageError
from agent.sections import TuiConfig
from tests.daemon.daemon_process import DaemonProcess
from tests.tui.on_daemon import Make, app_of, desk_maker, until
from tui.app import RatchetApp
from tui.feed.feed import Link, LinkState
from tui.notices.banner import LinkBanner
from tui.opening import Opening
from tui.palette import deeds
from tui.screens.tasks.screen import TasksScreen
from tui.screens.tasks.table import TaskTable
from tui.start import with_daemon

ANY_COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")
MORE_THAN_SIXTEEN = re.compile(r"\x1b\[(?:\d+;)*[34]8;")


class SlowStart:
    """Loads once it is let go, and fails the first time."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self.go_on = threading.Event()
        self.tries = 0

    def __call__(self) -> Make:
        self.go_on.wait(60)
        self.tries += 1
        if self.tries == 1:
            raise UsageError("config.toml is not valid TOML: [bold", hint="see docs/configuration.md")
        return self._make


def painted(app: RatchetApp) -> str:
    """Return what the driver would write for the whole screen."""
    return "".join(strip.render(app.console) for strip in app.screen._compositor.render_strips())


def emptiness(app: RatchetApp) -> str:
    """Return what stands where the tasks would."""
    return str(app.screen.query_one("#empty", Static).content)


def test_what_is_typed_before_the_start_is_over_ends_up_in_the_prompt(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    settings = UserConfig(tui=TuiConfig(theme="no such [theme", vim_keys=True))
    load = SlowStart(desk_maker(scripted, tmp_path, settings))

    async def doing() -> None:
        app = RatchetApp(load)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await pilot.press(*"hj")
            load.go_on.set()
            opening = app.screen.query_one("#opening", Static)
            await until(pilot, lambda: "not valid TOML: [bold" in str(opening.content))
            await pilot.press("slash", "ctrl+r")
            await until(pilot, lambda: isinstance(app.focused, TextArea) and app.focused.text == "hj/")
            await until(
                pilot, lambda: any("no such [theme" in str(one.render()) for one in app.screen.query(Toast))
            )

            names = {deed.title for deed in deeds(app.screen)}
            assert {"Filter", "Fix what fails", "New", "Help", "Settings", "Quit"} <= names
            assert "Cancel" not in names, "nothing is chosen that could be"
            await pilot.press("escape", "escape")
            await until(pilot, lambda: isinstance(app.focused, TaskTable))
            assert app.check_action("move", ("down",))
            await pilot.press("f1")
            await until(pilot, lambda: app.screen.query(HelpPanel))
            await pilot.press("f1")
            await until(pilot, lambda: not app.screen.query(HelpPanel))

            assert app.desk is not None
            banner = app.screen.query_one(LinkBanner)
            app.desk.told.linked(LinkState(Link.LOST, "it is [cut", "tasks go on"))
            await until(pilot, lambda: banner.display and "it is [cut" in str(banner.content))
            app.desk.told.linked(LinkState(Link.UP))
            await until(pilot, lambda: not banner.display)

    asyncio.run(doing())


@pytest.mark.parametrize(
    ("environ", "forbidden"),
    [
        ({"NO_COLOR": "1", "TERM": "xterm-256color"}, ANY_COLOUR),
        ({"TERM": "xterm"}, MORE_THAN_SIXTEEN),
    ],
    ids=["NO_COLOR", "16 colours"],
)
@pytest.mark.long
def test_no_colour_is_written_that_the_terminal_has_not(
    scripted: DaemonProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    forbidden: re.Pattern[str],
) -> None:
    for name in ("COLORTERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    async def doing() -> None:
        app = app_of(scripted, tmp_path)
        async with app.run_test(size=(80, 24)) as pilot:
            assert isinstance(app.screen, Opening | TasksScreen)
            await until(pilot, lambda: isinstance(app.screen, TasksScreen) and app.focused)
            # Something is emphasized in other ways.
            await until(pilot, lambda: "no tasks" in painted(app) and "\x1b[" in painted(app))
            assert not forbidden.search(painted(app))

    asyncio.run(doing())


@pytest.mark.long
def test_the_list_survives_a_restart_of_the_daemon(tmp_path: Path) -> None:
    async def doing(state: Path) -> None:
        with DaemonProcess(state) as first:
            app = app_of(first, tmp_path)
            async with app.run_test(size=(80, 24)) as pilot:
                await until(pilot, lambda: app.desk is not None and app.desk.told.link_state.link is Link.UP)
                banner = app.screen.query_one(LinkBanner)
                first.kill()
                await until(pilot, lambda: banner.display)
                with DaemonProcess(state):
                    await until(pilot, lambda: not banner.display)

    asyncio.run(doing(tmp_path / "state"))


@pytest.mark.long
def test_without_a_daemon_it_says_why_and_looks_again_when_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "kept" / "state"
    state.parent.write_text("a file, below which nothing can be kept")
    monkeypatch.setenv("RATCHET_STATE_DIR", str(state))
    monkeypatch.setenv("RATCHET_CONFIG", "/nonexistent")

    async def doing() -> None:
        app = RatchetApp(lambda: with_daemon(tmp_path))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: isinstance(app.screen, TasksScreen) and app.screen.query(LinkBanner))
            banner = app.screen.query_one(LinkBanner)
            await until(pilot, lambda: banner.display and "Ctrl+R" in str(banner.content))
            await until(pilot, lambda: "cannot be written" in emptiness(app))
            assert "Ctrl+R tries again" in emptiness(app)
            state.parent.unlink()
            with DaemonProcess(state):
                await pilot.press("ctrl+r")
                await until(pilot, lambda: not banner.display)
                await until(pilot, lambda: "no repository here" in emptiness(app))

    asyncio.run(doing())
