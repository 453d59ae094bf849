"""The diff of a task: looked at, taken apart, measured again, and brought where the user wants it."""

import asyncio
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import OptionList

from agent.patches.hunks import Part
from agent.protocol.errors import PatchRefused, RatchetError
from agent.protocol.state import TaskState
from agent.sections import DiffLayout
from tui.desk import Desk, Live
from tui.feed.task_log import TaskLog
from tui.messages import OpenTask, Trouble
from tui.panes.diff.banner import Banner
from tui.panes.diff.branch_screen import BranchScreen
from tui.panes.diff.choice import Choice
from tui.panes.diff.files import FileList
from tui.panes.diff.remembered import Remembered, recall
from tui.panes.diff.sequel import Sequel, Wish, is_proven, spec_of, subject
from tui.panes.diff.sequels import Sequels
from tui.panes.diff.standing import Mood, Standing, delivery, emptiness, standing
from tui.panes.diff.view import SPLIT_WIDTH, DiffView
from tui.panes.pane import Pane

_LIST_WIDTH = 120
"""Columns from which the files are beside the diff without being asked for."""
_CLIPBOARD = 74_000
"""Bytes that most terminals take at once."""


class DiffPane(Pane):
    """What is dropped is dropped here alone, until a task is begun with what is kept."""

    DEFAULT_CSS = """
    DiffPane { layout: vertical; height: 1fr; }
    DiffPane FileList { display: none; }
    DiffPane.-files FileList { display: block; }
    DiffPane.-empty Horizontal { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "drop", "Keep/drop"),
        Binding("n", "step(1)", "Next"),
        Binding("N", "step(-1)", "Previous hunk", show=False),
        Binding("x", "drop_file", "Keep or drop the file", show=False),
        Binding("u", "keep_all", "Keep every hunk again", show=False),
        Binding("v", "verify", "Verify"),
        Binding("a", "apply", "Apply"),
        Binding("b", "commit", "Commit"),
        Binding("y", "copy", "Copy the patch", show=False),
        Binding("s", "split", "Unified or side by side", show=False),
        Binding("f", "files", "Files", show=False),
        Binding("o", "open", "Open the task that measures it", show=False),
    ]

    def __init__(self, desk: Desk, task_id: str) -> None:
        super().__init__(desk, task_id)
        self._state = TaskState(task_id=task_id)
        self._diff = ""
        self._choice = Choice()
        self._current: Part | None = None
        self._patch = ""
        self._unreadable = ""
        self._sequels = Sequels(desk.feed)
        self._ordering = False
        """A task is on its way to the daemon."""

    def compose(self) -> ComposeResult:
        """Lay out what is known above, and the files beside the diff."""
        yield Banner()
        with Horizontal():
            # The first one has the keys; the files are docked.
            yield DiffView(split=self.desk.settings.tui.diff is DiffLayout.SPLIT)
            yield FileList()

    def on_mount(self) -> None:
        """Listen to the tasks that are begun here."""
        self.desk.told.logs.subscribe(self, self._heard)
        self.desk.told.progress.subscribe(self, self._heard_live)
        self._take(subject(self._state) or "")

    def on_unmount(self) -> None:
        """Listen no longer."""
        begun = self._sequels.all()
        if self._choice.dropped or begun:
            Remembered(self._diff, self._choice.dropped, self._current, begun).keep(self.desk, self.task_id)
        self._sequels.close()

    def show(self, log: TaskLog) -> None:
        """Show the patch of a task, and what is known of it."""
        self._state = log.state
        if not self.is_mounted:
            return
        diff = subject(log.state) or ""
        if diff != self._diff:
            self._take(diff)
        self._tell()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say what can be done now; the rest is shown as what cannot."""
        if action in ("verify", "apply", "commit"):
            return self._may(Wish(action)) or None
        if action == "open":
            return self._sequels.measuring(self._patch) is not None or None
        if action in ("drop", "drop_file", "step", "keep_all", "split", "files", "copy"):
            return bool(self._diff) or None
        return True

    def action_drop(self) -> None:
        """Drop the current part, or keep it again."""
        part = self.query_one(DiffView).current
        if part is not None:
            self._choose(self._choice.toggled(part))

    def action_drop_file(self) -> None:
        """Drop the current file, or keep all of it again."""
        part = self.query_one(DiffView).current
        if part is not None:
            self._choose(self._choice.file_toggled(part.file))

    def action_keep_all(self) -> None:
        """Keep everything again."""
        self._choose(self._choice.kept())

    def action_step(self, by: int) -> None:
        """Go to the next or the previous part."""
        self.query_one(DiffView).step(by)

    def action_split(self) -> None:
        """Lay the texts out the other way."""
        view = self.query_one(DiffView)
        view.lay_out(split=not view.wants_split)
        if view.wants_split and not view.split:
            hint = f"there are {view.size.width}; f hides the files"
            self.post_message(Trouble(f"two texts beside each other need {SPLIT_WIDTH} columns", hint))

    def action_files(self) -> None:
        """Show the files and go there, or hide them."""
        self.toggle_class("-files")
        self.query_one(FileList if self.has_class("-files") else DiffView).focus()

    def action_copy(self) -> None:
        """Copy what is kept, as `git apply` takes it."""
        self.app.copy_to_clipboard(self._patch)
        size = len(self._patch.encode("utf-8", "replace"))
        told = f"{size} bytes, for `git apply`" + (
            "; a terminal may refuse so many" if size > _CLIPBOARD else ""
        )
        self.notify(told, title="the patch is copied", markup=False)

    def action_open(self) -> None:
        """Open the task that measures what is kept."""
        begun = self._sequels.measuring(self._patch)
        if begun is not None:
            self.post_message(OpenTask(begun.sequel.task_id, "verdict"))

    def action_verify(self) -> None:
        """Measure what is kept."""
        self._go(Wish.VERIFY)

    def action_apply(self) -> None:
        """Bring what is kept into the working tree, once it is proven."""
        self._go(Wish.APPLY)

    def action_commit(self) -> None:
        """Bring what is kept to a branch, once it is proven."""
        taken = self._state.delivered is not None and self._state.delivered.branch
        suggested = f"ratchet/{self.task_id}" + ("-kept" if taken or not self._choice.whole else "")

        def begin(branch: str | None) -> None:
            if branch:
                self._go(Wish.COMMIT, branch)

        self.app.push_screen(BranchScreen(suggested), begin)

    def on_diff_view_moved(self) -> None:
        """Point at the file that is looked at."""
        self._current = self.query_one(DiffView).current
        self.query_one(FileList).point(self._current)

    def on_option_list_option_selected(self, selected: OptionList.OptionSelected) -> None:
        """Go to a file."""
        selected.stop()
        view = self.query_one(DiffView)
        view.go(next(at for at, part in enumerate(self._choice.parts) if part.file == selected.option_index))
        view.focus()

    def _take(self, diff: str) -> None:
        """Take another patch."""
        if self._choice.dropped:
            self.post_message(Trouble("the task has another patch now", "all of its hunks are kept again"))
        self._diff, self._unreadable, choice = diff, "", Choice()
        try:
            choice = Choice.of(diff)
        except PatchRefused as refused:
            self._unreadable = refused.message
        if len(choice.files) > 1 and self.app.size.width >= _LIST_WIDTH:
            self.add_class("-files")
        self._choose(choice)
        if (known := recall(self.desk, self.task_id, diff)) is not None:
            self._resume(choice, known)

    def _resume(self, choice: Choice, known: Remembered) -> None:
        """Go on where the screen was left."""
        for sequel in known.sequels:
            self._sequels.add(sequel)
        self._choose(replace(choice, dropped=known.dropped))
        if known.current is not None:
            self.query_one(DiffView).go(choice.parts.index(known.current))

    def _choose(self, choice: Choice) -> None:
        self._choice = choice
        self._patch = choice.patch if choice.files else self._diff
        self.query_one(DiffView).show(choice)
        self.query_one(FileList).show(choice)
        self.on_diff_view_moved()
        self._tell()

    def _go(self, wish: Wish, branch: str | None = None) -> None:
        self._ordering = True
        self._tell()
        # What was ordered is done though the screen is left meanwhile.
        self.app.run_worker(self._begin(wish, branch), exit_on_error=True)

    async def _begin(self, wish: Wish, branch: str | None = None) -> None:
        """Begin a task with what is kept now."""
        app, patch, by = self.app, self._patch, self._proven_by()
        assert self.desk.client is not None
        try:
            spec = await asyncio.to_thread(spec_of, self._state, wish, patch, proven_by=by, branch=branch)
            view = await self.desk.client.create(spec)
        except RatchetError as error:
            app.post_message(Trouble(error.message, error.hint))
        else:
            if self.is_attached:
                self._sequels.add(Sequel(view.summary.task_id, wish, patch))
        finally:
            self._ordering = False
        if self.is_attached:
            self._tell()

    def _proven_by(self) -> str | None:
        if self._choice.whole and is_proven(self._state):
            return self.task_id
        return self._sequels.proof(self._patch)

    def _may(self, wish: Wish) -> bool:
        if self.desk.client is None or not self._choice.files or self._choice.empty:
            return False
        if self._state.snapshot is None or self._ordering or self._sequels.is_busy(self._patch):
            return False
        if wish is Wish.VERIFY:
            return self._proven_by() is None
        return self._state.finished is not None

    def _heard(self, log: TaskLog) -> None:
        if self._sequels.take(log):
            self._tell()

    def _heard_live(self, told: Live) -> None:
        if self._sequels.take_live(told.task_id, told.progress):
            self._tell()

    def _tell(self) -> None:
        """Say what holds for what is kept."""
        self.set_class(not self._diff, "-empty")
        self.query_one(Banner).tell(*self._told())
        self.refresh_bindings()

    def _told(self) -> tuple[list[Standing], str]:
        if self._unreadable:
            return [Standing(Mood.BAD, self._unreadable)], "y copies the patch as it is"
        if not self._choice.files:
            why, hint = emptiness(self._state)
            return [Standing(Mood.BUSY, why)], hint
        told = [standing(self._state, self._choice, self._sequels.measuring(self._patch))]
        where = delivery(self._state, self._choice, self._sequels.bringing(self._patch))
        return [*told, *([where] if where else [])], self._keys()

    def _keys(self) -> str:
        if self.desk.client is None:
            return "a recording: nothing can be measured or applied"
        if self._choice.empty:
            return "space keeps the hunk again, u all of them"
        if self._may(Wish.VERIFY):
            return "v measures it · a applies it, b commits it to a branch, once it is proven"
        return ""
