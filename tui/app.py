"""The app: one terminal, the screens in it, and what holds on all of them."""

import asyncio
import gc
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.filter import LineFilter, Monochrome, NoColor
from textual.screen import Screen

from tui.background import begin, begin_in
from tui.keys import VIM_KEYS
from tui.looks import suiting
from tui.messages import Go, OpenTask, Trouble
from tui.opening import Opening
from tui.safe import Boundary, crash, line

if TYPE_CHECKING:
    from textual.command import Provider

    from tui.approvals.asking import Asking
    from tui.desk import Desk
    from tui.notices.notices import Notices

MakeDesk = Callable[["RatchetApp"], "Desk"]
"""Is called in the event loop."""
Load = Callable[[], MakeDesk]
"""Imports what the screens need; is called in a thread."""


def _deeds() -> "type[Provider]":
    # The palette is not needed for the first paint.
    from tui.palette import Deeds  # noqa: PLC0415

    return Deeds


def _open_tasks() -> "type[Provider]":
    from tui.palette import OpenTasks  # noqa: PLC0415

    return OpenTasks


class RatchetApp(App[None]):
    """Shows the opening at once, and the screens as soon as they are loaded."""

    TITLE = "Ratchet"
    CSS_PATH = "app.tcss"
    COMMANDS = App.COMMANDS | {_deeds, _open_tasks}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", "Help"),
        Binding("f2", "go('tasks')", "Tasks", show=False),
        Binding("f3", "go('index')", "Index", show=False),
        Binding("f4", "go('settings')", "Settings", show=False),
        Binding("f5", "go('doctor')", "Doctor", show=False),
        Binding("f8", "questions", "Questions", show=False),
        Binding("ctrl+r", "again", "Try again"),
        Binding("ctrl+q", "quit", "Quit", show=False, priority=True),
        *VIM_KEYS,
    ]

    def __init__(self, load: Load, *, first: Go | OpenTask | None = None, theme: str = "") -> None:
        super().__init__()
        self._load = load
        self._first = first or Go("tasks")
        self._filters.insert(0, Boundary())
        self._dress(theme)
        self._failed = False
        self.desk: Desk | None = None
        self.asking: Asking | None = None
        self._notices: Notices | None = None
        self._looked_at: tuple[Screen[object], str] | None = None

    @property
    def looked_at(self) -> str:
        """Return the id of the task on screen, empty for none."""
        if self._looked_at is None or self._looked_at[0] not in self.screen_stack:
            return ""
        seen = self.screen is self._looked_at[0] or self.screen.is_modal
        return self._looked_at[1] if seen else ""

    def get_default_screen(self) -> Screen[None]:
        """Show what needs no import of ours."""
        return Opening()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every painted line goes through."""
        return [one for one in self._filters if one.enabled]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Leave out what has a key of ours."""
        return (one for one in super().get_system_commands(screen) if one.title not in ("Keys", "Quit"))

    def on_mount(self) -> None:
        """Load the rest once the first paint is out."""
        self.call_after_refresh(begin, self, self._begin)

    async def _begin(self) -> None:
        # What the thread imports, this must not wait for.
        make = await asyncio.to_thread(self._loaded)
        if isinstance(make, Trouble):
            self._failed = True
            self._opening.tell(make.sentence, f"{make.hint}\n\nCtrl+R tries again, Ctrl+Q closes this")
            self.refresh_bindings()
            return
        from tui.approvals.asking import Asking  # noqa: PLC0415
        from tui.notices.notices import Notices  # noqa: PLC0415

        desk = self.desk = make(self)
        self.asking = Asking(self, desk)
        self.asking.begin()
        self._notices = Notices(self, self, desk)
        self._notices.begin()
        opening = self._opening
        await self._push(desk, "tasks")
        self._set_up(desk)
        begin_in("feed", self, desk.run)
        self.post_message(self._first)
        self.call_after_refresh(self._type_on, opening)
        begin_in("prepare", self, asyncio.to_thread, self._prepare)

    def _loaded(self) -> "Callable[[RatchetApp], Desk] | Trouble":
        from agent.protocol.errors import RatchetError  # noqa: PLC0415

        try:
            make = self._load()
        except RatchetError as error:
            return Trouble(error.message, error.hint)
        # The loop would wait for these.
        import tui.approvals.asking  # noqa: PLC0415
        import tui.notices.notices  # noqa: PLC0415
        import tui.screens.tasks.screen  # noqa: F401, PLC0415

        return make

    def _prepare(self) -> None:
        # Whoever opens a task would wait for these.
        import tui.panes.work.pane  # noqa: PLC0415
        import tui.screens.task  # noqa: F401, PLC0415

        if not self.is_headless:
            # All this stays: a search of it for garbage would hold up keys for a quarter of a second.
            gc.freeze()

    def action_go(self, screen: str) -> None:
        """Show a screen."""
        self.post_message(Go(screen))

    def action_help(self) -> None:
        """Show the keys of what is on screen, or no longer."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def action_again(self) -> None:
        """Look for what was not there, now."""
        if self.desk is not None:
            self.desk.feed.again()
        elif self._failed:
            self._failed = False
            self._opening.tell("starting…")
            begin(self, self._begin)

    def action_move(self, key: str) -> None:
        """Do as if another key was pressed."""
        self.simulate_key(key)

    def action_questions(self, task_id: str = "") -> None:
        """Show what tasks ask, or what one task asks."""
        if self.asking is not None:
            self.asking.show(task_id)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say what the app can do as things stand."""
        match action:
            case "move":
                return self.desk is not None and self.desk.settings.tui.vim_keys
            case "again":
                return self._failed or (self.desk is not None and self.desk.told.link_state.waits)
            case "questions":
                return self.desk is not None and self.desk.client is not None
            case "go":
                return self._has_screen(str(parameters[0]))
        return super().check_action(action, parameters)

    async def on_go(self, message: Go) -> None:
        """Show a screen, unless nothing is loaded yet."""
        if self.desk is not None:
            await self._put(self.desk, message.screen, message.argument)

    async def on_open_task(self, message: OpenTask) -> None:
        """Show one task."""
        if self.desk is None:
            return
        if self._notices is not None:
            self._notices.opened(message.task_id)
        await self._put(self.desk, "task", message.task_id, message.pane)
        self._looked_at = (self.screen, message.task_id)

    def on_trouble(self, message: Trouble) -> None:
        """Tell what did not work until the user has had time to read it."""
        self.notify(
            line(message.hint, 400), title=line(message.sentence, 400), severity="warning", markup=False
        )

    def tell_terminal(self, sequence: str) -> None:
        """Write to the terminal, past what is painted; only what is ours to say."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    def pop_screen(self) -> AwaitComplete:
        """Put the top screen away, and before that what it still waits for.

        Textual takes away the parts of a screen first, which whatever it waited for would then look for.
        """
        for node in self.screen.walk_children(with_self=True):
            self.workers.cancel_node(node)
        return super().pop_screen()

    async def _close_all(self) -> None:
        """Leave nothing waiting that would look for what is closed."""
        self.workers.cancel_all()
        await super()._close_all()

    def _print_error_renderables(self) -> None:
        """Say why the app failed; what failed may be a text of others."""
        self._exit_renderables[:] = [crash(self.console.render(one)) for one in self._exit_renderables]
        super()._print_error_renderables()

    async def _put(self, desk: "Desk", name: str, *arguments: str) -> None:
        """Put a screen on top of the list of tasks, which is always the lowest, or of an open task."""
        while len(self.screen_stack) > 2 and (name in ("tasks", "task") or not self._is_task_on_top):
            await self.pop_screen()
        if name != "tasks":
            await self._push(desk, name, *arguments)

    async def _push(self, desk: "Desk", name: str, *arguments: str) -> None:
        from tui.notices.banner import LinkBanner  # noqa: PLC0415
        from tui.screens.registry import screen  # noqa: PLC0415

        shown = screen(name, desk, *arguments)
        await self.push_screen(shown)
        # It may be left again by now.
        if shown in self.screen_stack:
            await shown.mount(LinkBanner(desk))

    @property
    def _is_task_on_top(self) -> bool:
        return self._looked_at is not None and self.screen is self._looked_at[0]

    def _has_screen(self, name: str) -> bool:
        if self.desk is None:
            return False
        from tui.screens.registry import SCREENS  # noqa: PLC0415

        return name in SCREENS

    @property
    def _opening(self) -> Opening:
        opening = self.screen_stack[0]
        assert isinstance(opening, Opening)
        return opening

    def _type_on(self, opening: Opening) -> None:
        """Type again what was typed before anything could take it."""
        for event in opening.take_typed():
            self.post_message(event)

    def _dress(self, theme: str) -> None:
        """Choose the colours; for NO_COLOR there are none, not even shades of grey."""
        self._filters[:] = [NoColor() if isinstance(one, Monochrome) else one for one in self._filters]
        chosen = "" if self.no_color or theme not in self.available_themes else theme
        self.theme = chosen or suiting(self.console.color_system, no_colour=self.no_color)

    def _set_up(self, desk: "Desk") -> None:
        """Do as the settings say; an unknown theme is told of."""
        wanted = desk.settings.tui.theme
        if wanted in ("", self.theme) or self.no_color:
            return
        if wanted in self.available_themes:
            self.theme = wanted
        else:
            known = ", ".join(sorted(self.available_themes))
            self.post_message(Trouble(f"there is no theme {wanted!r}", f"[tui] theme can be: {known}"))
