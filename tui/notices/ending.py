"""Which changes of tasks the user wants to hear of while looking elsewhere."""

from dataclasses import dataclass

from agent.protocol.outcome import Outcome, exit_code
from agent.protocol.summary import Status, TaskSummary

_TOLD_OF = (Status.FINISHED, Status.WAITING)


@dataclass(frozen=True, slots=True)
class Notice:
    """A task has ended, or asks; the texts are of outside."""

    task_id: str
    title: str
    text: str
    asks: bool
    good: bool


class Endings:
    """Finds them in what is told of all tasks; those of this session count.

    They are the tasks that were opened in it, and those that were begun since in its repository, or in any
    where it has none.
    """

    def __init__(self, since: int, names: frozenset[str]) -> None:
        """Take the seconds since the epoch at which the session began, and what tasks call its repository."""
        self._since = since
        self._names = names
        self._opened: set[str] = set()
        self._status: dict[str, Status] = {}

    def opened(self, task_id: str) -> None:
        """Count a task in."""
        self._opened.add(task_id)

    def hear(self, task: TaskSummary) -> Notice | None:
        """Return what is to be told, once for each end and each question."""
        before = self._status.get(task.task_id)
        self._status[task.task_id] = task.status
        is_fresh = before is not None or task.created_at >= self._since
        if before is task.status or task.status not in _TOLD_OF or not is_fresh or not self._is_ours(task):
            return None
        where = task.repository.rpartition("/")[2]
        if task.status is Status.WAITING:
            return Notice(task.task_id, f"{task.kind} in {where} asks", task.reason, asks=True, good=False)
        outcome = task.outcome or Outcome.ERROR
        good = exit_code(outcome) == 0
        title = f"{task.kind} in {where}: {outcome.replace('_', ' ')}"
        return Notice(task.task_id, title, task.reason, asks=False, good=good)

    def _is_ours(self, task: TaskSummary) -> bool:
        here = not self._names or task.repository in self._names
        begun_here = task.created_at >= self._since and here
        return task.task_id in self._opened or begun_here
