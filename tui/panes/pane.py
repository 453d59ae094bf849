"""A part of what is shown of one task."""

from textual.widget import Widget

from agent.protocol.progress import Progress
from tui.desk import Desk
from tui.feed.task_log import TaskLog


class Pane(Widget):
    """Made with the desk and a task's id, and told of the task while it is looked at."""

    def __init__(self, desk: Desk, task_id: str) -> None:
        super().__init__()
        self.desk = desk
        self.task_id = task_id

    def show(self, log: TaskLog) -> None:
        """Show a task as it stands; called again, with the same log grown, whenever it changed."""

    def live(self, progress: Progress) -> None:
        """Take in what the running task tells; what is not stored comes only this way."""
