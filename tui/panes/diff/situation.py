"""A task with the hunks of its patch that are kept: what holds for them, and what can be done now."""

from dataclasses import dataclass, field

from agent.protocol.errors import PatchRefused
from agent.protocol.state import TaskState
from tui.panes.diff.choice import Choice
from tui.panes.diff.sequel import Wish, is_proven
from tui.panes.diff.sequels import Sequels
from tui.panes.diff.standing import Mood, Standing, delivery, emptiness, standing


@dataclass(slots=True)
class Situation:
    """Changes with the task, with what the user keeps, and with what was begun with that."""

    sequels: Sequels
    can_order: bool
    """There is a daemon to do it."""
    state: TaskState
    diff: str = ""
    choice: Choice = field(default_factory=Choice)
    patch: str = ""
    """Of what is kept."""
    unreadable: str = ""
    """Why the diff cannot be divided."""
    ordering: bool = False
    """A task is on its way to the daemon."""

    def take(self, diff: str) -> None:
        """Take another diff, and keep all of it."""
        self.diff, self.unreadable, choice = diff, "", Choice()
        try:
            choice = Choice.of(diff)
        except PatchRefused as refused:
            self.unreadable = refused.message
        self.choose(choice)

    def choose(self, choice: Choice) -> None:
        """Keep what a choice of the diff keeps."""
        self.choice = choice
        self.patch = choice.patch if choice.files else self.diff

    def proven_by(self) -> str | None:
        """Return a task that has proven what is kept."""
        if self.choice.whole and is_proven(self.state):
            return self.state.task_id
        return self.sequels.proof(self.patch)

    def may(self, wish: Wish) -> bool:
        """Say whether something can be begun with what is kept."""
        if not self.can_order or not self.choice.files or self.choice.empty:
            return False
        if self.state.snapshot is None or self.ordering or self.sequels.is_busy(self.patch):
            return False
        if wish is Wish.VERIFY:
            return self.proven_by() is None
        return self.state.finished is not None

    def branch(self) -> str:
        """Return a name for a branch that what is kept may go to."""
        taken = self.state.delivered is not None and self.state.delivered.branch
        return f"ratchet/{self.state.task_id}" + ("-kept" if taken or not self.choice.whole else "")

    def told(self) -> tuple[list[Standing], str]:
        """Return what holds, line by line, and which keys do something about it."""
        if self.unreadable:
            return [Standing(Mood.BAD, self.unreadable)], "y copies the patch as it is"
        if not self.choice.files:
            why, hint = emptiness(self.state)
            return [Standing(Mood.BUSY, why)], hint
        told = [standing(self.state, self.choice, self.sequels.measuring(self.patch))]
        where = delivery(self.state, self.choice, self.sequels.bringing(self.patch))
        return [*told, *([where] if where else [])], self._keys()

    def _keys(self) -> str:
        if not self.can_order:
            return "a recording: nothing can be measured or applied"
        if self.choice.empty:
            return "space keeps the hunk again, u all of them"
        if self.may(Wish.VERIFY):
            return "v measures it · a applies it, b commits it to a branch, once it is proven"
        return ""
