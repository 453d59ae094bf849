"""Recorded tasks as a test tells them, and an app that plays them."""

import itertools
from collections.abc import Sequence
from pathlib import Path

from agent.protocol.event import Body, Event, TaskSubmitted
from agent.protocol.task import TaskSpec
from tui.app import RatchetApp
from tui.messages import Go, OpenTask
from tui.player import Player
from tui.start import from_recording

BEGAN = 1_795_000_000
"""Seconds since the epoch; each event comes a second after the one before."""


def log(task_id: str, spec: TaskSpec, *told: tuple[str, Body]) -> list[Event]:
    """Return the events of a task: its submission, and what `tests.lsp.history` makes."""
    numbers = itertools.count(1)
    return [
        Event(seq=seq, task_id=task_id, step_key=key, recorded_at=BEGAN + seq, seconds=0.5, body=body)
        for (key, body), seq in zip([("submit", TaskSubmitted(spec=spec)), *told], numbers, strict=False)
    ]


def app_of(
    *logs: Sequence[Event], speed: float = 0.0, first: Go | OpenTask | None = None, folder: Path = Path()
) -> RatchetApp:
    """Return an app on recorded tasks, which begins at the list of them."""
    events = [event for log in logs for event in log]
    return Player(lambda: from_recording(events, speed, folder), first=first)
