"""The settings on screen: looked at, changed by the keyboard alone, and never written wrong."""

import asyncio
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static, TextArea

from agent.client.client import Client
from agent.client.registration import Address
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed
from tui.screens.settings.editor import Editor
from tui.screens.settings.new_model import NewModel
from tui.screens.settings.screen import SettingsScreen
from tui.screens.tasks.confirm import Confirm


async def nowhere() -> Address:
    return Address(socket="/nonexistent")


class Session:
    """The screen over a file, in the hands of somebody who waits for what he does."""

    def __init__(self, pilot: Pilot[None], screen: SettingsScreen, file: Path) -> None:
        self.pilot, self.screen, self.file = pilot, screen, file

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not true():
                await self.pilot.pause(0.02)

    async def go_to(self, key: str) -> None:
        rows = self.screen.query_one(OptionList)
        rows.highlighted = rows.get_option_index(key)
        await self.until(lambda: self.screen._looked_at is not None)

    async def press(self, *keys: str, shown: type | None = None) -> None:
        await self.pilot.press(*keys)
        if shown is not None:
            app = self.pilot.app
            await self.until(lambda: isinstance(app.screen, shown) and (app.focused or shown is Confirm))

    def in_file(self) -> dict[str, Any]:
        return tomllib.loads(self.file.read_text())

    def text(self, selector: str) -> str:
        return str(self.pilot.app.screen.query_one(selector, Static).content)


def session(file: Path, doing: Callable[[Session], Any]) -> None:
    async def run() -> None:
        async with App[None]().run_test(size=(80, 24)) as pilot:
            told, client = Told(pilot.app), Client(nowhere)
            screen = SettingsScreen(Desk(told, DaemonFeed(client, told), client, file.parent, None))
            await pilot.app.push_screen(screen)
            await doing(Session(pilot, screen, file))

    asyncio.run(run())


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("[limits]\nseconds = 600 # mine\n")
    monkeypatch.setenv("RATCHET_CONFIG", str(path))
    return path


def test_a_value_is_changed_refused_and_unset_by_the_keyboard(file: Path) -> None:
    async def doing(user: Session) -> None:
        await user.go_to("limits.seconds")
        await user.until(lambda: "Wall time" in user.text("#about"))
        await user.press("enter", shown=Editor)
        entry = user.pilot.app.screen.query_one("#entry", Input)
        assert entry.value == "600"
        await user.press("end", "x", "enter")
        await user.until(lambda: "Nothing was written" in user.text("#refusal"))
        assert user.in_file() == {"limits": {"seconds": 600}}
        await user.press("backspace", "backspace", "enter", shown=SettingsScreen)
        assert user.file.read_text() == "[limits]\nseconds = 60 # mine\n"
        assert user.screen._desk.settings.limits.seconds == 60
        await user.press("u")
        await user.until(lambda: user.in_file() == {"limits": {}})
        await user.go_to("policy.command")
        await user.press("e", shown=Editor)
        user.pilot.app.screen.query_one("#entry", TextArea).text = "ask *\nallow x"
        await user.press("ctrl+s", shown=SettingsScreen)
        assert user.in_file()["policy"] == {"command": ["ask *", "allow x"]}

    session(file, doing)


@pytest.mark.long
def test_a_model_is_added_found_and_removed_and_a_broken_file_is_no_dead_end(file: Path) -> None:
    async def doing(user: Session) -> None:
        await user.press("n", shown=NewModel)
        await user.press(*"tiny", "enter", "enter", *"m", "enter", "enter")
        await user.until(lambda: "needs its base_url" in user.text("#refusal"))
        user.pilot.app.screen.query_one("#base_url", Input).value = "localhost"
        await user.press("ctrl+s")
        await user.until(lambda: "models.tiny.base_url" in user.text("#refusal"))
        user.pilot.app.screen.query_one("#base_url", Input).value = "http://localhost:1/v1"
        await user.press("ctrl+s", shown=SettingsScreen)
        assert user.in_file()["models"] == {"tiny": {"base_url": "http://localhost:1/v1", "model": "m"}}
        await user.press("slash", *"tiny.key", "enter")
        await user.until(lambda: user.screen._looked_at and user.screen._looked_at.field.name == "key")
        await user.press("x", shown=Confirm)
        await user.press("y", shown=SettingsScreen)
        await user.until(lambda: not user.in_file().get("models"))
        file.write_text("[limits\n")
        await user.press("escape", "r")
        await user.until(lambda: "press r" in user.text("#about"))
        file.write_text("")
        await user.press("r")
        await user.until(lambda: user.screen._looked_at is not None)

    session(file, doing)
