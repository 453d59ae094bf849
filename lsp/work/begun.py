"""The tasks that this editor asked for, which it hears more of than of others."""

from collections.abc import Callable

from agent.protocol.state import TaskState

Heard = Callable[[str], None]
"""Takes the id of a task."""


class Begun:
    """Remembers ids for as long as the editor is there; parts of a task belong to whoever asked for it."""

    def __init__(self) -> None:
        self._ids: dict[str, None] = {}
        self._heard: list[Heard] = []

    def listen(self, heard: Heard) -> None:
        """Be told of every task that this editor begins, as soon as it has an id."""
        self._heard.append(heard)

    def add(self, task_id: str) -> None:
        """Remember a task; once is enough."""
        if task_id in self._ids:
            return
        self._ids[task_id] = None
        for heard in self._heard:
            heard(task_id)

    def has(self, state: TaskState) -> bool:
        """Say whether this editor asked for a task, or for the one that it is a part of."""
        parent = state.spec.parent if state.spec else None
        return state.task_id in self._ids or parent in self._ids
