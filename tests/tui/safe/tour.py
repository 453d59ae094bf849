"""`python -m tests.tui.safe.tour LOG.jsonl KEY…`: shows every screen and pane of recorded tasks, and ends.

The keys are pressed in every pane.
"""

import sys
from pathlib import Path

from textual.pilot import Pilot

from agent.protocol.event import Event
from agent.protocol.state import fold
from tests.tui.shots import asking
from tui.messages import Go, OpenTask
from tui.player import Player
from tui.start import from_recording, read_recording

_FOLDER = Path("/nowhere")


def _tour(events: list[Event], keys: list[str]) -> object:
    async def walk(pilot: Pilot[None]) -> None:
        from tui.panes.registry import PANES
        from tui.screens.registry import SCREENS

        app = pilot.app
        assert isinstance(app, Player)
        while app.desk is None or len(app.screen_stack) < 2:
            await pilot.pause(0.02)
        for name in sorted(SCREENS.keys() - {"task", "doctor"}):
            app.post_message(Go(name))
            await pilot.pause(0.05)
        for task_id, log in _by_task(events).items():
            for pane in PANES:
                app.post_message(OpenTask(task_id, pane))
                await pilot.pause(0.05)
                await pilot.press(*keys)
                await pilot.pause()
            if fold(log).open_approvals:
                await app.push_screen(asking(log, app.desk))
                await pilot.press("3", "r", "escape", "pagedown")
                await pilot.pause()
        app.exit()

    return walk


def _by_task(events: list[Event]) -> dict[str, list[Event]]:
    logs: dict[str, list[Event]] = {}
    for event in events:
        logs.setdefault(event.task_id, []).append(event)
    return logs


def main(path: str, *keys: str) -> int:
    """Walk through the app in the terminal it is started in."""
    events = read_recording(Path(path))
    app = Player(lambda: from_recording(events, 0, _FOLDER))
    app.run(auto_pilot=_tour(events, list(keys)))  # type: ignore[arg-type]
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
