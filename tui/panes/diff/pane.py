"""The diff of a task: looked at, taken apart, measured again, and brought where the user wants it."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import OptionList

from agent.patches.hunks import Part
from agent.protocol.errors import RatchetError
from agent.protocol.state import TaskState
from agent.sections import DiffLayout
from tui.background import begin
from tui.desk import Desk, Live
from tui.feed.task_log import TaskLog
from tui.messages import OpenTask, Trouble
from tui.panes.diff.banner import Banner
from tui.panes.diff.branch_screen import BranchScreen
from tui.panes.diff.choice import Choice
from tui.panes.diff.files import FileList
from tui.panes.diff.remembered import Remembered, recall
from tui.panes.diff.sequel import Sequel, Wish, spec_of, subject
from tui.panes.diff.sequels import Sequels
from tui.panes.diff.situation import Situation
from tui.panes.diff.view import SPLIT_WIDTH, DiffView
from tui.panes.pane import Pane
from tui.safe import line

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
        sequels, can_order = Sequels(desk.feed), desk.client is not None
        self._now = Situation(sequels, can_order, TaskState(task_id=task_id))
        self._current: Part | None = None

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
        self._take(subject(self._now.state) or "")

    def on_unmount(self) -> None:
        """Listen no longer."""
        self._remember()
        self._now.sequels.close()

    def show(self, log: TaskLog) -> None:
        """Show the patch of a task, and what is known of it."""
        self._now.state = log.state
        if not self.is_mounted:
            return
        diff = subject(log.state) or ""
        if diff != self._now.diff:
            self._take(diff)
        self._tell()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say what can be done now; the rest is shown as what cannot."""
        if action in ("verify", "apply", "commit"):
            return self._now.may(Wish(action)) or None
        if action == "open":
            return self._now.sequels.measuring(self._now.patch) is not None or None
        if action in ("drop", "drop_file", "step", "keep_all", "split", "files", "copy"):
            return bool(self._now.diff) or None
        return True

    def action_drop(self) -> None:
        """Drop the current part, or keep it again."""
        part = self.query_one(DiffView).current
        if part is not None:
            self._change(self._now.choice.toggled(part), part.file)

    def action_drop_file(self) -> None:
        """Drop the current file, or keep all of it again."""
        part = self.query_one(DiffView).current
        if part is not None:
            self._change(self._now.choice.file_toggled(part.file), part.file)

    def action_keep_all(self) -> None:
        """Keep everything again."""
        self._choose(self._now.choice.kept())

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
        self.app.copy_to_clipboard(self._now.patch)
        size = len(self._now.patch.encode("utf-8", "replace"))
        told = f"{size} bytes, for `git apply`" + (
            "; a terminal may refuse so many" if size > _CLIPBOARD else ""
        )
        self.notify(told, title="the patch is copied", markup=False)

    def action_open(self) -> None:
        """Open the task that measures what is kept."""
        begun = self._now.sequels.measuring(self._now.patch)
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
        patch = self._now.patch

        def begin(branch: str | None) -> None:
            if branch and patch == self._now.patch and self._now.may(Wish.COMMIT):
                self._go(Wish.COMMIT, branch)
            elif branch:
                self.post_message(Trouble("the patch is another one now", "look at it again"))

        self.app.push_screen(BranchScreen(self._now.branch()), begin)

    def on_diff_view_moved(self) -> None:
        """Point at the file that is looked at."""
        self._current = self.query_one(DiffView).current
        self.query_one(FileList).point(self._current)

    def on_option_list_option_selected(self, selected: OptionList.OptionSelected) -> None:
        """Go to a file."""
        selected.stop()
        view = self.query_one(DiffView)
        view.go(
            next(at for at, part in enumerate(self._now.choice.parts) if part.file == selected.option_index)
        )
        view.focus()

    def _take(self, diff: str) -> None:
        """Take another patch."""
        if self._now.choice.dropped:
            self.post_message(Trouble("the task has another patch now", "all of its hunks are kept again"))
        self._now.take(diff)
        choice = self._now.choice
        if len(choice.files) > 1 and self.app.size.width >= _LIST_WIDTH:
            self.add_class("-files")
        self._choose(choice)
        if (known := recall(self.desk, self.task_id, diff)) is not None:
            self._resume(choice, known)

    def _change(self, choice: Choice, about: int) -> None:
        """Take another choice, and tell which other files had to go with the one that it is about."""
        others = sorted({part.file for part in choice.dropped ^ self._now.choice.dropped} - {about})
        if others:
            names = ", ".join(line(choice.files[number].path) for number in others)
            self.notify(names, title="this goes with it, in its place or out of it", markup=False)
        self._choose(choice)

    def _resume(self, choice: Choice, known: Remembered) -> None:
        """Go on where the screen was left."""
        for sequel in known.sequels:
            self._now.sequels.add(sequel)
        self._choose(replace(choice, dropped=known.dropped))
        if known.current is not None:
            self.query_one(DiffView).go(choice.parts.index(known.current))

    def _choose(self, choice: Choice) -> None:
        self._now.choose(choice)
        self.query_one(DiffView).show(choice)
        self.query_one(FileList).show(choice)
        self.on_diff_view_moved()
        self._tell()

    def _go(self, wish: Wish, branch: str | None = None) -> None:
        self._now.ordering = True
        self._tell()
        # What was ordered is done though the screen is left meanwhile.
        begin(self.app, self._begin, wish, self._now.patch, branch)

    async def _begin(self, wish: Wish, patch: str, branch: str | None) -> None:
        """Begin a task with what is kept now."""
        app, now = self.app, self._now
        assert self.desk.client is not None
        try:
            here, proof = self.desk.clone_of(now.state.spec), now.proven_by()
            make = partial(spec_of, now.state, wish, patch, here=here, proven_by=proof, branch=branch)
            spec = await asyncio.to_thread(make)
            view = await self.desk.client.create(spec)
        except RatchetError as error:
            app.post_message(Trouble(error.message, error.hint))
        else:
            self._follow(Sequel(view.summary.task_id, wish, patch))
        finally:
            now.ordering = False
        if self.is_attached:
            self._tell()

    def _follow(self, sequel: Sequel) -> None:
        if self.is_attached:
            self._now.sequels.add(sequel)
        else:
            self._remember(sequel)

    def _remember(self, *more: Sequel) -> None:
        """Remember what was done here, where anything was."""
        now = self._now
        begun = (*now.sequels.all(), *more)
        if now.choice.dropped or begun:
            Remembered(now.diff, now.choice.dropped, self._current, begun).keep(self.desk, self.task_id)

    def _heard(self, log: TaskLog) -> None:
        if self._now.sequels.take(log):
            self._tell()

    def _heard_live(self, told: Live) -> None:
        if self._now.sequels.take_live(told.task_id, told.progress):
            self._tell()

    def _tell(self) -> None:
        """Say what holds for what is kept."""
        self.set_class(not self._now.diff, "-empty")
        self.query_one(Banner).tell(*self._now.told())
        self.refresh_bindings()
