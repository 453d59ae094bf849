"""Which tasks the user wants to see."""

from dataclasses import dataclass
from pathlib import PurePath

from agent.protocol.summary import TaskSummary
from tui.screens.tasks.row import standing


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task has to hold every word, whatever its case, and be of the repository."""

    words: str = ""
    names: frozenset[str] = frozenset()
    """What tasks call the only repository; empty for all."""

    def takes(self, task: TaskSummary, subject: str) -> bool:
        """Say whether a task is wanted."""
        if self.names and task.repository not in self.names:
            return False
        if not self.words:
            return True
        known = (task.task_id, task.kind, standing(task).text, task.outcome or "", task.reason, subject)
        text = " ".join((*known, PurePath(task.repository).name)).casefold()
        return all(word in text for word in self.words.casefold().split())
