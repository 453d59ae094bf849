"""The index browser finds what is typed, and says what it is, what calls it and which tests reach it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, Static

from agent.client.client import Client
from agent.client.problems import DaemonUnavailable
from agent.client.registration import Address
from tests.daemon.daemon_process import DaemonProcess
from tests.tui.recorded import app_of
from tests.tui.shop import make_shop, shop_app
from tui.app import RatchetApp
from tui.desk import Desk, Told
from tui.feed.daemon_feed import DaemonFeed
from tui.messages import Go
from tui.screens.index.places import Places
from tui.screens.index.screen import IndexScreen


async def until(pilot: Pilot[None], true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await pilot.pause(0.02)


def rows(app: RatchetApp, name: str) -> list[str]:
    places = app.screen.query_one(f"#{name}", Places)
    return [str(option.prompt).strip() for option in places.options]


def standing(app: RatchetApp) -> str:
    return str(app.screen.query_one("#standing", Static).visual)


def unreached(app: RatchetApp) -> Desk:
    async def find() -> Address:
        raise DaemonUnavailable("no daemon", hint="start one")

    told, client = Told(app), Client(find)
    return Desk(told, DaemonFeed(client, told), client, Path(), Path())


def has_index(app: RatchetApp) -> bool:
    return isinstance(app.screen, IndexScreen) and bool(app.screen.query("#described"))


def test_a_symbol_is_found_by_letters_described_followed_and_copied_by_keyboard_alone(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def doing() -> None:
        app = shop_app(scripted, make_shop(tmp_path), Go("index"))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: has_index(app) and "indexed yet" in standing(app))
            wanted = app.screen.query_one("#wanted", Input)
            await pilot.press(*"add")
            await until(pilot, lambda: "add_up  function · shop/cart.py:12" in rows(app, "found"))
            await until(pilot, lambda: "tests that reach it  3" in rows(app, "described"))
            said = rows(app, "described")
            assert said[:3] == [
                "def add_up(prices: list[int]) -> int  function",
                "Add numbers up.",
                "shop/cart.py  lines 12 to 14",
            ]
            assert said[4:9] == [
                "called by  2",
                "Cart.total  shop/cart.py:9",
                "test_add_up  tests/test_cart.py:9",
                "",
                "calls  nothing of this repository",
            ]
            await pilot.press("enter", "y")
            assert app.clipboard == "shop/cart.py:12"
            await pilot.press("enter", "down")
            await pilot.press("enter")
            await until(pilot, lambda: rows(app, "described")[0].startswith("def total"))
            await pilot.press("backspace")
            await until(pilot, lambda: rows(app, "described")[0].startswith("def add_up"))
            await pilot.press("slash")
            wanted.value = "tesup"
            await until(pilot, lambda: rows(app, "found") == ["test_add_up  function · tests/test_cart.py:8"])
            wanted.value = "nobody"
            await until(pilot, lambda: standing(app) == "nothing is called 'nobody'")
            assert rows(app, "described") == []
            await pilot.press("escape")
            await until(pilot, lambda: not has_index(app))

    asyncio.run(doing())


def test_without_a_repository_or_a_daemon_the_screen_says_what_to_do(
    scripted: DaemonProcess, tmp_path: Path
) -> None:
    async def said_by(app: RatchetApp) -> str:
        async with app.run_test() as pilot:
            await until(pilot, lambda: has_index(app) and standing(app))
            return standing(app)

    assert asyncio.run(said_by(shop_app(scripted, None, Go("index")))).startswith(
        "this is in no git repository: open"
    )
    recorded = app_of([], first=Go("index"), folder=make_shop(tmp_path))
    assert asyncio.run(said_by(recorded)).startswith("a recording has no index: ")
    assert asyncio.run(said_by(RatchetApp(lambda: unreached, first=Go("index")))) == "no daemon: start one"
