"""Which tasks the user wants to see."""

from dataclasses import dataclass
from pathlib import PurePath

from agent.protocol.summary import TaskSummary
from tui.screens.tasks.row import standing


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task has to hold every word, whatever its case, and be of the repository."""

    words: str = ""
    repository: str | None = None
    """Top of the only repository; None for all."""

    def takes(self, task: TaskSummary, subject: str) -> bool:
        """Say whether a task is wanted."""
        if self.repository is not None and task.repository != self.repository:
            return False
        if not self.words:
            return True
        known = (task.task_id, task.kind, standing(task).text, task.outcome or "", task.reason, subject)
        text = " ".join((*known, PurePath(task.repository).name)).casefold()
        return all(word in text for word in self.words.casefold().split())
