"""What is done to several tasks at once."""

from collections.abc import Awaitable, Callable, Sequence

from agent.protocol.errors import RatchetError
from agent.protocol.summary import Status, TaskSummary
from tui.messages import Trouble

STEP = 10
"""How far one key moves a task in the queue."""
_LAST = 1000

Change = Callable[[TaskSummary], Awaitable[object]]


def possible(action: str, tasks: Sequence[TaskSummary]) -> list[TaskSummary]:
    """Return those of the tasks that an action (`cancel`, `retry`, `pause`, `prioritize`) can change."""
    finished = action == "retry"
    return [task for task in tasks if (task.status is Status.FINISHED) == finished]


def moved(task: TaskSummary, by: int) -> int:
    """Return a task's priority after it was moved; the lower number goes first."""
    return min(_LAST, max(0, task.priority + by))


async def carry_out(change: Change, tasks: Sequence[TaskSummary], told: Callable[[Trouble], object]) -> None:
    """Change each task; what did not work is told of in one message."""
    failed: list[RatchetError] = []
    for task in tasks:
        try:
            await change(task)
        except RatchetError as error:
            failed.append(error)
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        told(Trouble(failed[0].message + more, failed[0].hint))
