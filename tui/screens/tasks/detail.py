"""What else is known of the task at the cursor."""

from agent.protocol.outcome import Outcome
from agent.protocol.summary import Status, TaskSummary
from tui.safe import line
from tui.screens.tasks.row import standing


def detail(task: TaskSummary, *, subject: str, width: int) -> str:
    """Return two harmless lines: what and where, and how it stands."""
    kin = f"part of {task.parent}" if task.parent else ""
    first = " · ".join(one for one in (task.task_id, task.repository, subject, kin) if one)
    return f"{line(first, width)}\n{line(_standing(task), width)}"


def _standing(task: TaskSummary) -> str:
    worked = f"{task.seconds:.0f}s of work" if task.seconds >= 1 else ""
    if task.status is not Status.FINISHED:
        step = f"after step {task.step}" if task.step else "not begun"
        return " · ".join(one for one in (standing(task).text, step, worked, task.reason) if one)
    word = standing(task).text
    if task.outcome is Outcome.VERIFIED_WITH_PREEXISTING:
        word = "✓ verified; tests that failed before still fail"
    return " · ".join(one for one in (word, task.reason, worked) if one)
