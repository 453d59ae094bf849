"""What is said at the prompt of a screen happens, and what cannot is in the prompt again."""

import asyncio
from pathlib import Path

import pytest
from textual.widgets import HelpPanel

from tests.daemon.daemon_process import DaemonProcess
from tests.tui.shop import shop_app
from tests.tui.test_app import until
from tui.prompt.area import PromptArea


def test_a_screen_obeys_its_prompt(
    scripted: DaemonProcess, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATCHET_CONFIG", str(shop / "none.toml"))
    monkeypatch.setenv("RATCHET_STATE_DIR", str(shop.parent / "state"))

    async def doing() -> None:
        app = shop_app(scripted, shop)
        async with app.run_test() as pilot:
            await until(pilot, lambda: app.screen.query(PromptArea))
            area = app.screen.query_one(PromptArea)
            area.focus()
            await pilot.press(*"do it", "ctrl+j", *"well", "enter")
            await until(pilot, lambda: len(app._notifications) == 1)
            assert (
                next(iter(app._notifications)).title == "this needs a language model, and none is configured"
            )
            await until(pilot, lambda: area.text == "do it\nwell")
            await pilot.press("ctrl+c", *"/help", "enter")
            await until(pilot, lambda: app.screen.query(HelpPanel))
            await pilot.press(*"/fix tests", "enter")
            await until(pilot, lambda: type(app.screen).__name__ == "TaskScreen")

    asyncio.run(doing())
