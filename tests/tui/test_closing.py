"""A screen may be closed whatever it still waits for."""

import asyncio

import pytest
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from agent.protocol.task import TaskKind
from tests.lsp.history import snapshot, spec
from tests.tui.recorded import app_of, log


class _Part(Static):
    def on_unmount(self) -> None:
        assert isinstance(self.screen, _Waiting)
        self.screen.answered.set()


class _Waiting(Screen[None]):
    """Its answer comes while it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.answered = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield _Part("…", id="answer", markup=False)

    def on_mount(self) -> None:
        self.run_worker(self._show(), exit_on_error=True)

    async def _show(self) -> None:
        await self.answered.wait()
        self.query_one("#answer", Static).update("42")


@pytest.mark.parametrize("closing", ["the screen", "the app"])
def test_an_answer_that_comes_while_its_screen_is_closed_is_left_out(closing: str) -> None:
    async def doing() -> None:
        app = app_of(log("t1", spec(TaskKind.FIX), snapshot()))
        async with app.run_test() as pilot:
            while app.desk is None:
                await pilot.pause(0.02)
            waiting = _Waiting()
            await app.push_screen(waiting)
            await pilot.pause()
            if closing == "the screen":
                await app.pop_screen()
                await pilot.pause()
        assert waiting.answered.is_set()

    asyncio.run(doing())
