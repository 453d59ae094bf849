"""What a test sees of an app, and does in it."""

import asyncio
from collections.abc import Callable

from textual.app import App
from textual.pilot import Pilot

from tui.panes.diff.pane import DiffPane
from tui.panes.diff.view import DiffView


def seen(app: App[None]) -> list[str]:
    """Return the lines on the screen."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def banner(app: App[None]) -> str:
    """Return what the pane says about the hunks that are kept."""
    return str(app.screen.query_one("DiffPane Banner").render())


async def until(pilot: Pilot[None], true: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something that comes from elsewhere."""
    async with asyncio.timeout(seconds):
        while not true():
            await pilot.pause(0.02)


async def opened(pilot: Pilot[None]) -> DiffPane:
    """Return the pane once it shows a diff, with the keys in it."""
    await until(
        pilot, lambda: pilot.app.screen.query(DiffView) and pilot.app.screen.query_one(DiffView).current
    )
    pilot.app.screen.query_one(DiffView).focus()
    await pilot.pause()
    return pilot.app.screen.query_one(DiffPane)
