"""`python -m tests.tui.screenshots FOLDER`: pictures of the main screens as PNG, for the docs.

The recorded tasks of `tests/data/tui` are shown, and for the index a small repository on a daemon.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import resvg_py
from textual.pilot import Pilot
from textual.widgets.option_list import Option

from tests.daemon.daemon_process import DaemonProcess
from tests.tui.shop import make_shop, shop_app
from tests.tui.shots import Shot, recorded_app, settled, taken
from tui.app import RatchetApp
from tui.messages import Go
from tui.screens.index.places import Places
from tui.screens.index.screen import IndexScreen

_SIZE = (100, 30)
_FONT = "DejaVu Sans Mono"
_THEME = "textual-dark"
_PATIENCE = 60.0
_SHOWN = frozenset({"tasks", "work", "verdict", "suspects", "diff", "approval", "settings"})
_SURROUNDINGS = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "RATCHET_CONFIG": "/home/ann/.config/ratchet/config.toml",
}


async def _take(app: RatchetApp, shots: Sequence[Shot], folder: Path) -> None:
    async with app.run_test(size=_SIZE) as pilot:
        await _loaded(app, pilot)
        async for shot, picture in taken(pilot, shots):
            _keep(folder / f"{shot.name}.png", picture)


async def _find(app: RatchetApp, folder: Path) -> None:
    """Take the index once it has found what is typed."""
    async with app.run_test(size=_SIZE) as pilot:
        await _loaded(app, pilot)
        async with asyncio.timeout(_PATIENCE):
            while not isinstance(app.screen, IndexScreen):
                await pilot.pause(0.05)
            await pilot.press(*"add")
            while not any("tests that reach" in str(one.prompt) for one in _described(app)):
                await pilot.pause(0.1)
        _keep(folder / "index.png", await settled(pilot))


def _described(app: RatchetApp) -> Sequence[Option]:
    return app.screen.query_one("#described", Places).options


async def _loaded(app: RatchetApp, pilot: Pilot[None]) -> None:
    app.theme = _THEME
    async with asyncio.timeout(_PATIENCE):
        while app.desk is None:
            await pilot.pause(0.05)
    await settled(pilot)


def _keep(path: Path, picture: str) -> None:
    path.write_bytes(resvg_py.svg_to_bytes(svg_string=picture, monospace_family=_FONT))
    sys.stdout.write(f"{path}\n")


def main(target: str) -> None:
    """Take all of them."""
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.update(_SURROUNDINGS)
    os.environ.pop("NO_COLOR", None)
    app, shots = recorded_app()
    asyncio.run(_take(app, [shot for shot in shots if shot.name in _SHOWN], folder))
    with tempfile.TemporaryDirectory() as scratch, DaemonProcess(Path(scratch) / "state") as daemon:
        shop = Path(scratch) / "shop"
        shop.mkdir()
        asyncio.run(_find(shop_app(daemon, make_shop(shop), Go("index")), folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
