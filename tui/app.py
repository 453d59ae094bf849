"""The app: one terminal, the screens in it, and what holds on all of them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from tui.messages import Go, OpenTask, Trouble
from tui.opening import Opening
from tui.safe import Boundary, line

if TYPE_CHECKING:
    from tui.desk import Desk

Load = Callable[[], "Callable[[RatchetApp], Desk]"]
"""Imports what the screens need, in a thread; returns what makes the desk, in the event loop."""


class RatchetApp(App[None]):
    """Shows the opening at once, and the screens as soon as they are loaded."""

    TITLE = "Ratchet"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "show_help_panel", "Help"),
        Binding("f2", "go('tasks')", "Tasks"),
        Binding("ctrl+q", "quit", "Quit", priority=True),
    ]

    def __init__(self, load: Load, *, first: Go | OpenTask | None = None) -> None:
        super().__init__()
        self._load = load
        self._first = first or Go("tasks")
        self._filters.insert(0, Boundary())
        self.desk: Desk | None = None

    def get_default_screen(self) -> Screen[None]:
        """Show what needs no import of ours."""
        return Opening()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every painted line goes through."""
        return [one for one in self._filters if one.enabled]

    def on_mount(self) -> None:
        """Load the rest once the first paint is out."""
        self.call_after_refresh(self.run_worker, self._begin, exit_on_error=True)

    async def _begin(self) -> None:
        make = await asyncio.to_thread(self._load)
        # Imported by the thread.
        from tui.screens.registry import screen  # noqa: PLC0415

        self.desk = make(self)
        await self.push_screen(screen("tasks", self.desk))
        self.run_worker(self.desk.run(), group="feed")
        self.post_message(self._first)

    def action_go(self, screen: str) -> None:
        """Show a screen."""
        self.post_message(Go(screen))

    def on_go(self, message: Go) -> None:
        """Show a screen, unless nothing is loaded yet."""
        if self.desk is not None:
            self._show(message.screen, message.argument)

    def on_open_task(self, message: OpenTask) -> None:
        """Show one task."""
        if self.desk is not None:
            self._show("task", message.task_id, message.pane)

    def on_trouble(self, message: Trouble) -> None:
        """Tell what did not work until the user has had time to read it."""
        self.notify(
            line(message.hint, 400), title=line(message.sentence, 400), severity="warning", markup=False
        )

    def _show(self, name: str, *arguments: str) -> None:
        """Put a screen on top of the list of tasks, which is always the lowest."""
        from tui.screens.registry import screen  # noqa: PLC0415

        assert self.desk is not None
        while len(self.screen_stack) > 2:
            self.pop_screen()
        if name != "tasks":
            self.push_screen(screen(name, self.desk, *arguments))
