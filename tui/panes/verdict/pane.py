"""The proof on screen: every test before and after the change, and what that comes to."""

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from tui.desk import Desk
from tui.feed.task_log import TaskLog
from tui.panes.listing import Listing
from tui.panes.pane import Pane
from tui.panes.verdict.detail import detail
from tui.panes.verdict.judged import Judged, counting, judged
from tui.panes.verdict.matrix import Matrix
from tui.panes.verdict.paint import HEADS, chips, detail_content, standing_content
from tui.panes.verdict.row import Kind, Row
from tui.panes.verdict.rows import rows_before, rows_of
from tui.panes.verdict.standing import standing, waiting
from tui.safe import content, line

_HELD = (
    "spec",
    "snapshot",
    "sandbox",
    "baseline",
    "rounds",
    "verdict",
    "patch",
    "refusal",
    "approvals",
    "answers",
    "finished",
)
"""Fields of a state that the pane is made of."""
_SHORT = 28
"""Lines of the pane up to which there is little room."""


class VerdictPane(Pane):
    """Shows the base as soon as it is measured, and each verdict from when it is reached."""

    DEFAULT_CSS = """
    VerdictPane { layout: vertical; height: 1fr; }
    VerdictPane #verdict-standing { height: auto; max-height: 8; padding: 0 1; }
    VerdictPane #verdict-chips { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    VerdictPane #verdict-heads { height: 1; background: $panel; color: $text-muted; text-wrap: nowrap; }
    VerdictPane #verdict-matrix { height: 2fr; }
    VerdictPane #verdict-detail { height: 1fr; border-top: solid $primary; padding: 0 1; }
    VerdictPane #verdict-detail > Static { height: auto; }
    VerdictPane.-short #verdict-standing { max-height: 5; }
    VerdictPane.-short #verdict-detail { height: 5; }
    VerdictPane #verdict-find { display: none; }
    VerdictPane.-finding #verdict-find { display: block; }
    VerdictPane.-empty #verdict-heads, VerdictPane.-empty #verdict-chips,
    VerdictPane.-empty #verdict-detail { display: none; }
    VerdictPane.-reading #verdict-matrix, VerdictPane.-reading #verdict-heads { display: none; }
    VerdictPane.-reading #verdict-detail { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "filter(1)", "Filter"),
        Binding("F,shift+f", "filter(-1)", "Filter back", show=False),
        Binding("slash", "find", "Find"),
        Binding("left_square_bracket", "round(-1)", "Earlier verdict"),
        Binding("right_square_bracket", "round(1)", "Later verdict"),
        Binding("y", "copy", "Copy place"),
        Binding("escape", "back", "Back to the tests", show=False),
    ]

    def __init__(self, desk: Desk, task_id: str) -> None:
        super().__init__(desk, task_id)
        self._state: TaskState | None = None
        self._verdicts: tuple[Judged, ...] = ()
        self._place: int | None = None
        self._rows: Sequence[Row] = ()
        self._kind: Kind | None = None
        self._find = ""
        self._doing = ""

    def compose(self) -> ComposeResult:
        """Lay out the standing, the matrix, and what is known about the row that is pointed at."""
        yield Static(id="verdict-standing", markup=False)
        yield Static(id="verdict-chips", markup=False)
        yield Static(HEADS, id="verdict-heads", markup=False)
        yield Matrix(id="verdict-matrix")
        with VerticalScroll(id="verdict-detail"):
            yield Static(id="verdict-read", markup=False)
        yield Input(placeholder="part of a test's name or of what it says", id="verdict-find")

    def on_mount(self) -> None:
        """Say that there is nothing yet."""
        self.add_class("-empty")
        self._stand()

    def on_resize(self) -> None:
        """Leave the matrix most of a small terminal."""
        self.set_class(self.size.height < _SHORT, "-short")

    def show(self, log: TaskLog) -> None:
        """Show a task as it stands."""
        if not self.is_mounted:
            # Of an error in here nobody would hear: who tells of tasks ignores it. It is shown again then.
            return
        old, self._state = self._state, log.state
        if old is not None and all(getattr(old, name) is getattr(log.state, name) for name in _HELD):
            self._stand()
            return
        self._verdicts = judged(log.state)
        self._fill()

    def live(self, progress: Progress) -> None:
        """Show what the task is about while there is no verdict."""
        if progress.text is not None or progress.output is not None:
            return
        counted = f" {progress.done} of {progress.total}" if progress.total else ""
        doing = line(f"{progress.phase}: {progress.message}{counted}".rstrip(": "), 120)
        if doing != self._doing:
            self._doing = doing
            if self.is_on_screen:
                self._stand()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what leads nowhere now."""
        if action == "back":
            return self.has_class("-reading", "-finding") or self._kind is not None or bool(self._find)
        if action == "round":
            return len(self._verdicts) > 1
        return bool(self._rows)

    def action_filter(self, step: int) -> None:
        """Show the rows of the next kind only."""
        kinds = [None, *self._counts()]
        place = kinds.index(self._kind) if self._kind in kinds else 0
        self._kind = kinds[(place + step) % len(kinds)]
        self._list()

    def action_find(self) -> None:
        """Show only the rows that hold a text."""
        self.remove_class("-reading")
        self.add_class("-finding")
        self.query_one(Input).focus()

    def action_round(self, step: int) -> None:
        """Show the verdict on another proposal."""
        self._place = (self._shown() + step) % len(self._verdicts)
        self._fill()

    def action_copy(self) -> None:
        """Copy the place that the row is about, or its name."""
        row = self.query_one(Matrix).pointed
        if row is None:
            return
        place = f"{row.location.path}:{row.location.line}" if row.location else row.name or row.message
        # What is pasted into a shell must not hold a line of its own.
        place = line(place, 400)
        self.app.copy_to_clipboard(place)
        self.notify(place, title="copied", markup=False)

    def action_back(self) -> None:
        """Undo the narrowest view first."""
        matrix = self.query_one(Matrix)
        if self.has_class("-reading"):
            self.remove_class("-reading")
        else:
            self._kind = None
            self.remove_class("-finding")
            self.query_one(Input).value = ""
            self._list()
        matrix.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the rows while the user types."""
        event.stop()
        self._find = event.value
        self._list()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to what was found."""
        event.stop()
        self.query_one(Matrix).focus()

    def on_listing_moved(self, event: Listing.Moved) -> None:
        """Show what is known about the row that is pointed at."""
        event.stop()
        self._read()

    def on_listing_chosen(self, event: Listing.Chosen) -> None:
        """Give what is known about a row all the room there is."""
        event.stop()
        self.add_class("-reading")
        self.query_one("#verdict-detail").focus()

    def _shown(self) -> int:
        if self._place is not None and self._place < len(self._verdicts):
            return self._place
        return counting(self._verdicts)

    def _fill(self) -> None:
        state = self._state
        assert state is not None
        place = self._shown()
        self._rows = rows_of(state, self._verdicts[place].verdict) if place >= 0 else rows_before(state)
        self.set_class(not self._rows, "-empty")
        self._stand()
        self._list()

    def _stand(self) -> None:
        if self._state is None:
            shown = content("the task is being read…", "dim")
        elif self._verdicts:
            shown = standing_content(
                standing(self._state, self._verdicts[self._shown()], len(self._verdicts))
            )
        else:
            shown = standing_content(waiting(self._state))
            if self._doing and self._state.finished is None:
                shown = shown + content(f"\n… {self._doing}", "$text-primary")
        self.query_one("#verdict-standing", Static).update(shown)

    def _counts(self) -> dict[Kind, int]:
        counts: Counter[Kind] = Counter()
        for row in self._rows:
            counts[row.kind] += row.count
        return dict(counts)

    def _list(self) -> None:
        counts = self._counts()
        kind = self._kind if self._kind in counts else None
        wanted = self._find.casefold()
        rows = [
            row
            for row in self._rows
            if (kind is None or row.kind is kind)
            and (not wanted or wanted in row.name.casefold() or wanted in row.message.casefold())
        ]
        counted = [(None, sum(counts.values())), *counts.items()]
        self.query_one("#verdict-chips", Static).update(chips(counted, kind, self._find))
        self.query_one(Matrix).show(rows)
        self._read()

    def _read(self) -> None:
        row = self.query_one(Matrix).pointed
        nothing = content("no row holds that; Escape shows all again", "dim")
        shown = detail_content(detail(row)) if row else nothing
        self.query_one("#verdict-read", Static).update(shown)
        self.query_one("#verdict-detail").scroll_home(animate=False)
