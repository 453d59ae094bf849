"""The prompt is written in, completed, recalled and sent by keyboard alone."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tests.daemon.daemon_process import DaemonProcess
from tests.tui.shop import desk_of, make_shop
from tui.app import RatchetApp
from tui.desk import Desk
from tui.prompt.area import PromptArea
from tui.prompt.choices import Choices
from tui.prompt.prompt import Prompt

LOG = "".join(f"E   line {number} \x1b[31mred\x1b[0m\r" for number in range(120))


class Stage(App[None]):
    """A screen with a prompt and nothing else."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.prompt = Prompt(desk)
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.prompt

    def on_mount(self) -> None:
        self.prompt.focus()

    def on_prompt_said(self, message: Prompt.Said) -> None:
        self.said.append(message.text)


class Writer:
    """Somebody at the keyboard."""

    def __init__(self, app: Stage, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot
        self.area = app.query_one(PromptArea)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def offered(self, true: Callable[[Sequence[str]], object]) -> list[str]:
        choices = self.app.query_one(Choices)
        async with asyncio.timeout(60):
            while not true(shown := [str(one.prompt) for one in choices.options]):
                await self.pilot.pause(0.02)
        return shown


def writing(desk: Desk, doing: Callable[[Writer], object]) -> None:
    async def sitting() -> None:
        app = Stage(desk)
        assert desk.client is not None
        async with desk.client, app.run_test(size=(80, 24)) as pilot:
            result = doing(Writer(app, pilot))
            assert asyncio.iscoroutine(result)
            await result

    asyncio.run(sitting())


@pytest.fixture
def desk(scripted: DaemonProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))
    owner = RatchetApp(lambda: lambda _: made)
    made = desk_of(owner, scripted, make_shop(tmp_path / "shop"))
    return made


def test_text_is_written_pasted_sent_and_recalled(desk: Desk) -> None:
    async def doing(writer: Writer) -> None:
        app, area = writer.app, writer.area
        await writer.press(*"why", "ctrl+j", "enter")
        assert app.said == ["why"] and area.text == ""
        await writer.press("enter", "space", "enter")
        assert app.said == ["why"]
        await writer.press("ctrl+a", "delete", *"see ")
        area.post_message(events.Paste(LOG))
        await writer.press("space")
        assert area.text == "see [pasted 120 lines] " and area.size.height == 1
        await writer.press("backspace", "backspace")
        assert area.text == "see "
        await writer.press("ctrl+z", "\\", "enter", "x")
        assert area.text == "see [pasted 120 lines] \nx"
        await writer.press("enter")
        assert app.said[-1].startswith("see E   line 0 red\nE   line 1 red\n") and app.said[-1].endswith(
            "\nx"
        )
        await writer.press(*"draft", "up", "up", "up")
        assert area.text == "why\n"
        await writer.press("down")
        assert area.text == "see [pasted 120 lines] \nx"
        await writer.press("down")
        assert area.text == "draft"
        await writer.press("ctrl+c")
        assert area.text == ""

    writing(desk, doing)


def test_keys_count_in_the_order_they_are_pressed_however_fast(desk: Desk) -> None:
    async def doing(writer: Writer) -> None:
        for key in (
            "a",
            "b",
            "backspace",
            "c",
            "enter",
            "/",
            "d",
            "o",
            "enter",
            "/",
            "h",
            "e",
            "l",
            "p",
            "enter",
        ):
            writer.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await writer.press("d")
        assert writer.app.said == ["ac", "/do", "/help"] and writer.area.text == "d"

    writing(desk, doing)


def test_commands_files_and_symbols_are_completed(desk: Desk) -> None:
    async def doing(writer: Writer) -> None:
        app, area = writer.app, writer.area
        await writer.press("/", "r", "e")
        shown = await writer.offered(lambda now: len(now) == 3)
        assert (
            shown[0] == "/review    look for bugs in a change; needs a model  [BASE..HEAD] [what to look at]"
        )
        await writer.press("escape")
        assert not app.query_one(Choices).is_open and area.text == "/re"
        await writer.press("t")
        assert not app.query_one(Choices).is_open
        await writer.press("ctrl+c", *"/ret")
        await writer.offered(lambda now: len(now) == 1)
        await writer.press("enter")
        assert area.text == "/retry " and not app.said
        await writer.press("ctrl+c", *"/do ")
        assert (await writer.offered(lambda now: now))[0].startswith("/do GOAL  options: --apply")
        await writer.press(*"x", "enter")
        assert app.said.pop() == "/do x"
        await writer.press("ctrl+c", *"/hel", "enter")
        assert app.said == ["/help"]
        await writer.press(*"use @cart")
        await writer.offered(lambda now: "Cart  class · shop/cart.py:4" in now and "shop/cart.py" in now)
        await writer.press("tab")
        assert area.text in ("use @shop/cart.py ", "use @shop/cart.py::Cart ")
        await writer.press("ctrl+c", *"@adup")
        shown = await writer.offered(lambda now: now)
        assert shown == ["add_up  function · shop/cart.py:12", "test_add_up  function · tests/test_cart.py:8"]
        await writer.press("ctrl+c", *"@shop/cart.py::")
        shown = await writer.offered(lambda now: len(now) == 3)
        await writer.press("down", "down", "enter")
        assert area.text == f"@shop/cart.py::{shown[2].split()[0]} " and not app.said[1:]

    writing(desk, doing)
