"""What was done to a patch when its screen was left, for when it is opened again."""

from dataclasses import dataclass

from agent.patches.hunks import Part
from tui.desk import Desk
from tui.panes.diff.sequel import Sequel


@dataclass(frozen=True, slots=True)
class Remembered:
    """Holds for one diff of a task."""

    diff: str
    dropped: frozenset[Part]
    current: Part | None
    sequels: tuple[Sequel, ...]

    def keep(self, desk: Desk, task_id: str) -> None:
        """Remember it until the app is closed."""
        desk.memory[_name(task_id)] = self


def recall(desk: Desk, task_id: str, diff: str) -> Remembered | None:
    """Return what was done to a diff before, and remember it no longer; None for nothing."""
    known = desk.memory.get(_name(task_id))
    if not isinstance(known, Remembered) or known.diff != diff:
        return None
    del desk.memory[_name(task_id)]
    return known


def _name(task_id: str) -> str:
    return f"diff of {task_id}"
