"""One task: the events that were read by now, and the state that they fold to."""

from agent.protocol.event import Event
from agent.protocol.state import TaskState, advance


class TaskLog:
    """Grows event by event; a view keeps count of those that it has shown."""

    def __init__(self, task_id: str) -> None:
        self.task_id = task_id
        self.events: list[Event] = []
        self.state = TaskState(task_id=task_id)

    def add(self, event: Event) -> None:
        """Take the next event; one that was read before changes nothing."""
        if event.seq > self.state.seq:
            self.events.append(event)
            self.state = advance(self.state, event)
