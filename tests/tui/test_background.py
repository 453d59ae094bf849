"""Work beside the screen leaves nothing behind when the app ends before it begins."""

import asyncio
import gc
import warnings
from pathlib import Path

from textual.app import App

import tui
from tui.background import begin


class Brief(App[None]):
    """Ends in the moment it begins something."""

    def on_mount(self) -> None:
        begin(self, asyncio.sleep, 60)
        self.exit()


def test_what_had_no_time_to_begin_is_dropped_in_silence() -> None:
    async def run() -> None:
        async with Brief().run_test():
            pass

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(run())
        gc.collect()


def test_all_of_the_interface_begins_its_work_there() -> None:
    sources = Path(tui.__file__).parent.rglob("*.py")
    direct = [one.name for one in sources if "run_worker(" in one.read_text(encoding="utf-8")]
    assert direct == ["background.py"]
