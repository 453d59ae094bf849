"""The screens as they are compared and shown in the docs: which, of what, after which keys."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from agent.protocol.event import Event
from agent.protocol.log import parse_log
from agent.protocol.state import fold
from tests.tui.recorded import app_of
from tui.app import RatchetApp
from tui.approvals.approval_screen import ApprovalScreen
from tui.approvals.question import Question
from tui.approvals.questions import Questions
from tui.desk import Desk
from tui.messages import Go, OpenTask

DATA = Path(__file__).parents[1] / "data" / "tui"
# Ages as the list tells them, in seconds; in the middle of what is told alike.
_AGES = {"fix": 20 * 60 + 30, "do": 2.5 * 3600, "verify": 5.5 * 3600, "ask": 3 * 60 + 30}
_SAME = 2
"""So often in a row a screen has to look the same to be what it comes to."""


_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture."""

    name: str
    where: Go | OpenTask
    keys: tuple[str, ...] = ()
    over: Callable[[Desk], Screen[None]] | None = None
    """Makes a screen that is put over the others."""


def recorded(name: str) -> list[Event]:
    """Return a recorded task as if it had ended a while ago."""
    events = parse_log((DATA / f"{name}.jsonl").read_text(encoding="utf-8"))
    later = int(time.time() - _AGES[name]) - events[0].recorded_at
    return [event.model_copy(update={"recorded_at": event.recorded_at + later}) for event in events]


def tasks() -> dict[str, list[Event]]:
    """Return every recorded task."""
    return {name: recorded(name) for name in _AGES}


def recorded_app() -> tuple[RatchetApp, Sequence[Shot]]:
    """Return an app on all recorded tasks, and the pictures to take of it."""
    logs = tasks()
    ids = {name: events[0].task_id for name, events in logs.items()}
    shots = (
        Shot("tasks", Go("tasks")),
        Shot("work", OpenTask(ids["do"], "work"), ("home",)),
        Shot("ending", OpenTask(ids["do"], "work"), ("end",)),
        Shot("verdict", OpenTask(ids["verify"], "verdict")),
        Shot("suspects", OpenTask(ids["fix"], "suspects")),
        Shot("diff", OpenTask(ids["do"], "diff")),
        Shot("log", OpenTask(ids["fix"], "log")),
        Shot("index", Go("index")),
        Shot("settings", Go("settings")),
        Shot("help", OpenTask(ids["do"], "diff"), ("f1",)),
        Shot("approval", OpenTask(ids["ask"], "work"), over=partial(asking, logs["ask"])),
    )
    return app_of(*logs.values(), folder=Path("/home/ann")), shots


def asking(events: Sequence[Event], desk: Desk) -> Screen[None]:
    """Return what asks for the open approval of a task."""
    state = fold(events)
    assert state.spec is not None
    questions = Questions()
    asked = [Question(state.task_id, state.spec, one) for one in state.open_approvals]
    questions.replace(state.task_id, asked)
    return ApprovalScreen(desk, questions, asked[0])


async def taken(pilot: Pilot[None], shots: Sequence[Shot]) -> AsyncIterator[tuple[Shot, str]]:
    """Yield the pictures as SVG, each as soon as nothing on it changes any more."""
    app = pilot.app
    assert isinstance(app, RatchetApp) and app.desk is not None
    app.animation_level = "none"
    for shot in shots:
        app.post_message(shot.where)
        await pilot.pause(0.1)
        await settled(pilot)
        await pilot.press(*shot.keys)
        if shot.over is not None:
            await app.push_screen(shot.over(app.desk))
        yield shot, await settled(pilot)


async def settled(pilot: Pilot[None]) -> str:
    """Return a picture of the screen once it stays as it is; raises TimeoutError if it never does."""
    seen, times = "", 0
    async with asyncio.timeout(_PATIENCE):
        while times < _SAME:
            await pilot.pause(0.05)
            _hold_cursors(pilot.app)
            now = pilot.app.export_screenshot()
            seen, times = now, (times + 1 if now == seen else 0)
    return seen


def _hold_cursors(app: App[None]) -> None:
    for one in app.screen.query("Input, TextArea"):
        if isinstance(one, Input | TextArea):
            one.cursor_blink = False
