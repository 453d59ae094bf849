"""Where the fault may be: the suspicious lines, their heat on the source, and what was tried there."""

import asyncio
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.highlight import ANSIDarkHighlightTheme, ANSILightHighlightTheme, HighlightTheme
from textual.widgets import Static

from agent.protocol.errors import RatchetError
from agent.protocol.patch import Patch
from agent.protocol.progress import Progress
from agent.protocol.proposal import Suspect
from agent.protocol.report import shown
from agent.protocol.state import TaskState
from agent.protocol.task import SEARCH, TaskKind
from tui.desk import Desk
from tui.feed.task_log import TaskLog
from tui.panes.listing import Listing
from tui.panes.pane import Pane
from tui.panes.suspects.attempts import attempts, tried
from tui.panes.suspects.changed import Changed, changed
from tui.panes.suspects.heat import HeatMap, heat_maps, ranked
from tui.panes.suspects.paint import attempts_content, reason_content
from tui.panes.suspects.source import Shown, Source
from tui.panes.suspects.suspect_list import SuspectList
from tui.panes.suspects.text_lines import text_lines
from tui.safe import content, line

_TRIES = ("rounds", "exhausted", "attempt")
"""Fields of a state that change whenever something was tried."""
_WIDE = 100
"""Cells from which list and source have room side by side."""


class SuspectsPane(Pane):
    """Reads each file of the tree that the task began with once, when it is looked at."""

    DEFAULT_CSS = """
    SuspectsPane { layout: vertical; height: 1fr; }
    SuspectsPane #suspects-head { height: auto; max-height: 4; padding: 0 1; }
    SuspectsPane #suspects-body { layout: vertical; height: 1fr; }
    SuspectsPane.-wide #suspects-body { layout: horizontal; }
    SuspectsPane #suspects-list { height: 6; }
    SuspectsPane.-wide #suspects-list { height: 1fr; width: 2fr; }
    SuspectsPane #suspects-source { height: 1fr; border-top: solid $primary; }
    SuspectsPane.-wide #suspects-source { width: 3fr; border-top: none; border-left: solid $primary; }
    SuspectsPane #suspects-attempts { display: none; height: 1fr; padding: 0 1; }
    SuspectsPane #suspects-attempts > Static { height: auto; }
    SuspectsPane.-trying #suspects-attempts { display: block; }
    SuspectsPane.-trying #suspects-body, SuspectsPane.-empty #suspects-source { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "next(1)", "Next suspect"),
        Binding("N,shift+n", "next(-1)", "Suspect before"),
        Binding("a", "attempts", "Attempts"),
        Binding("y", "copy", "Copy place"),
        Binding("ctrl+r", "again", "Read again"),
        Binding("escape", "back", "Back to the list", show=False),
    ]

    def __init__(self, desk: Desk, task_id: str) -> None:
        super().__init__(desk, task_id)
        self._state: TaskState | None = None
        self._heat: dict[str, HeatMap] = {}
        self._read: dict[str, list[Content] | str] = {}
        """Lines by path, or why there are none."""
        self._reading: set[str] = set()
        self._patch: Patch | None = None
        self._changed: dict[str, Changed] = {}
        self._tried = ""
        self._doing = ""

    def compose(self) -> ComposeResult:
        """Lay out what is being done, the list and the source."""
        yield Static(id="suspects-head", markup=False)
        with Container(id="suspects-body"):
            yield SuspectList(id="suspects-list")
            yield Source(id="suspects-source")
        with VerticalScroll(id="suspects-attempts"):
            yield Static(id="suspects-tried", markup=False)

    def on_mount(self) -> None:
        """Say that there is nothing yet."""
        self.add_class("-empty")
        self._stand()

    def on_resize(self) -> None:
        """Put list and source side by side where there is room."""
        self.set_class(self.size.width >= _WIDE, "-wide")

    def show(self, log: TaskLog) -> None:
        """Show a task as it stands."""
        if not self.is_mounted:
            # Of an error in here nobody would hear: who tells of tasks ignores it. It is shown again then.
            return
        old, self._state = self._state, log.state
        if old is None or any(getattr(old, name) is not getattr(log.state, name) for name in _TRIES):
            found = attempts(log.events)
            self._tried = tried(found)
            self.query_one("#suspects-tried", Static).update(attempts_content(found) or _NOTHING_TRIED)
        patch = shown(log.state)[0]
        if patch is not self._patch:
            self._patch = patch
            self._changed = changed(patch.diff) if patch else {}
            places = {(path, number) for path, one in self._changed.items() for number in one.lines}
            self.query_one(SuspectList).mark(places)
            self._open()
        if old is None or old.suspects is not log.state.suspects:
            suspects = ranked(log.state.suspects or ())
            self._heat = heat_maps(suspects)
            self.set_class(not suspects, "-empty")
            self.query_one(SuspectList).show(suspects)
            self._open()
        self._stand()

    def live(self, progress: Progress) -> None:
        """Show how the search goes."""
        if progress.text is not None or progress.output is not None:
            return
        doing = _doing(progress)
        if doing != self._doing:
            self._doing = doing
            if self.is_on_screen:
                self._stand()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what leads nowhere now."""
        if action == "back":
            return self.has_class("-trying") or self.query_one(Source).has_focus
        if action == "again":
            return any(isinstance(lines, str) for lines in self._read.values())
        return action == "attempts" or bool(self._heat)

    def action_next(self, step: int) -> None:
        """Jump to the next suspect."""
        self.remove_class("-trying")
        listing = self.query_one(SuspectList)
        listing.cursor = (listing.cursor + step) % max(1, listing.count)

    def action_attempts(self) -> None:
        """Show what was tried, or the suspects again."""
        self.toggle_class("-trying")
        trying = self.has_class("-trying")
        self.query_one("#suspects-attempts" if trying else "#suspects-list").focus()

    def action_copy(self) -> None:
        """Copy the place that is pointed at."""
        suspect = self.query_one(SuspectList).pointed
        if suspect is not None:
            source = self.query_one(Source)
            number = source.number if source.has_focus else suspect.line
            # What is pasted into a shell must not hold a line of its own.
            place = line(f"{suspect.path}:{number}", 400)
            self.app.copy_to_clipboard(place)
            self.notify(place, title="copied", markup=False)

    def action_again(self) -> None:
        """Read the file again, where that did not work."""
        self._read = {path: lines for path, lines in self._read.items() if not isinstance(lines, str)}
        self._open()

    def action_back(self) -> None:
        """Go back to the list."""
        self.remove_class("-trying")
        self.query_one(SuspectList).focus()

    def on_listing_moved(self, event: Listing.Moved) -> None:
        """Show the source of the suspect that is pointed at."""
        event.stop()
        if isinstance(event.listing, SuspectList):
            self._open()

    def on_listing_chosen(self, event: Listing.Chosen) -> None:
        """Go to the source of a suspect."""
        event.stop()
        if isinstance(event.listing, SuspectList):
            self.query_one(Source).focus()

    def _open(self) -> None:
        """Show the source of the suspect that is pointed at, once it was read."""
        suspect = self.query_one(SuspectList).pointed
        if suspect is None:
            return
        self._stand()
        if suspect.path not in self._read and self.desk.client is not None:
            self._show_places(suspect)
            if suspect.path not in self._reading:
                self._reading.add(suspect.path)
                self._fetch(suspect.path)
        else:
            self._point(suspect)

    def _point(self, suspect: Suspect) -> None:
        lines = self._read.get(suspect.path, "")
        if isinstance(lines, str):
            self._show_places(suspect)
            return
        source = self.query_one(Source)
        touched = self._changed.get(suspect.path, _UNCHANGED).lines
        source.show(Shown(self._heat[suspect.path], lines, changed=touched), suspect.line)
        source.point(suspect.line)

    def _show_places(self, suspect: Suspect) -> None:
        """Show the suspicious lines of a file and what the proposal tells of it, or else why they are."""
        heated, told = self._heat[suspect.path], self._changed.get(suspect.path, _UNCHANGED)
        numbers = sorted({*heated.lines, *told.texts})
        lines = [
            content(told.texts[one].expandtabs(8))
            if one in told.texts
            else content(line(heated.lines[one].reason, 200), "dim")
            for one in numbers
        ]
        self.query_one(Source).show(Shown(heated, lines, numbers, told.lines), suspect.line)

    @work(group="source", exit_on_error=True)
    async def _fetch(self, path: str) -> None:
        assert self.desk.client is not None
        try:
            source = await self.desk.client.source(self.task_id, path)
        except RatchetError as error:
            self._take(path, f"{error.message} (Ctrl+R reads it again)")
            return
        finally:
            self._reading.discard(path)
        for colours in (None, self._colours()):
            # To colour a long file takes long; until then it can be read.
            lines = await asyncio.to_thread(text_lines, source, path, colours)
            self._take(path, lines if lines is not None else "it is no text")

    def _take(self, path: str, lines: list[Content] | str) -> None:
        known, self._read[path] = self._read.get(path), lines
        suspect = self.query_one(SuspectList).pointed
        if suspect is None or suspect.path != path:
            return
        if isinstance(known, list) and isinstance(lines, list):
            self.query_one(Source).paint(lines)
        else:
            self._point(suspect)
            self._stand()

    def _colours(self) -> type[HighlightTheme]:
        if not self.app.native_ansi_color:
            return HighlightTheme
        return ANSIDarkHighlightTheme if self.app.current_theme.dark else ANSILightHighlightTheme

    def _stand(self) -> None:
        suspect = self.query_one(SuspectList).pointed
        going = self._state is None or self._state.finished is None
        search = self._doing if going and self._doing else self._tried
        told = content(("… " if going else "") + search, "$text-primary") if search else Content("")
        if suspect is None:
            parts = [content(_why_none(self._state), "dim"), told]
        else:
            lines, files = self.query_one(SuspectList).count, len(self._heat)
            found = f"suspicious: {_counted(lines, 'line')} in {_counted(files, 'file')}"
            touched = suspect.line in self._changed.get(suspect.path, _UNCHANGED).lines
            parts = [content(f"{found}  ", "bold") + told, reason_content(suspect, changed=touched)]
            why = self._unread(suspect.path)
            parts.append(content(f"its source is not shown: {why}" if why else "", "$text-warning"))
        shown_parts = [part for part in parts if part]
        self.query_one("#suspects-head", Static).update(Content("\n").join(shown_parts))

    def _unread(self, path: str) -> str:
        lines = self._read.get(path)
        if self.desk.client is None:
            return "a recording holds none"
        return lines if isinstance(lines, str) else ""


_UNCHANGED = Changed()
_NOTHING_TRIED = content("nothing was tried yet; `a` leads back", "dim")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + "s" * (count != 1)


def _doing(progress: Progress) -> str:
    counted = f" {progress.done} of {progress.total}" if progress.total else ""
    parts = [f"{progress.phase}: {progress.message}{counted}".rstrip(": ")]
    if progress.candidates is not None:
        rate = f" ({progress.candidates_per_second:.0f}/s)" if progress.candidates_per_second else ""
        parts.append(f"{progress.candidates} candidates{rate}")
    if progress.best:
        parts.append(f"best: {progress.best}")
    return line(", ".join(parts), 200)


def _why_none(state: TaskState | None) -> str:
    """Return why there are no suspects."""
    if state is None or state.spec is None:
        return "the task is being read…"
    if state.spec.kind is not TaskKind.FIX or SEARCH not in (state.spec.stages or (state.spec.planner,)):
        planner = f" by {state.spec.planner}" if state.spec.kind is TaskKind.FIX else ""
        return f"`{state.spec.kind}`{planner} ranks no lines: only `fix` with the planner `search` does"
    if state.suspects is not None:
        return "no line stands out: the failing tests reach no code of the project"
    if state.finished is not None:
        return "the task ended before it looked for the fault; the work tab says why"
    return "the failing tests have to be known first: the lines they reach will be here"
