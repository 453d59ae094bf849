"""The states of tasks that are kept in memory: all that are open, and of the ended ones the newest."""

from agent.protocol.state import TaskState

MOST_ENDED = 100
"""Of one repository."""
MOST_RESULTS = 40_000
"""Results of tests in the ended tasks of one repository, which are what makes a state large."""
_ALWAYS = 3
"""The newest ended tasks, which are kept however large they are."""


class Shelf:
    """Tasks by id and by repository."""

    def __init__(self) -> None:
        self._states: dict[str, TaskState] = {}
        self._snapshots: dict[str, float] = {}
        self._by_repository: dict[str, set[str]] = {}

    def state(self, task_id: str) -> TaskState | None:
        """Return a task, None when it is not kept."""
        return self._states.get(task_id)

    def of(self, repository: str) -> list[TaskState]:
        """Return the tasks of a repository, newest first."""
        return [self._states[one] for one in sorted(self._by_repository.get(repository, ()), reverse=True)]

    def newer(self, repository: str, task_id: str) -> int:
        """Return how many ended tasks of a repository are newer than one."""
        here = (self._states[one] for one in self._by_repository.get(repository, ()) if one > task_id)
        return sum(state.finished is not None for state in here)

    def snapshot_at(self, task_id: str) -> float | None:
        """Return by when a task had taken its snapshot, in seconds since the epoch."""
        return self._snapshots.get(task_id)

    def note_snapshot(self, task_id: str, at: float) -> None:
        """Remember by when a task had taken its snapshot."""
        self._snapshots[task_id] = at

    def put(self, state: TaskState) -> None:
        """Keep a task as it stands, and drop what has become too much."""
        self._states[state.task_id] = state
        if state.spec is None:
            return
        self._by_repository.setdefault(state.spec.home, set()).add(state.task_id)
        if state.finished is not None:
            self._drop_old(state.spec.home)

    def _drop_old(self, repository: str) -> None:
        ended = [state for state in self.of(repository) if state.finished is not None]
        results = 0
        for place, state in enumerate(ended):
            results += _results(state)
            if place >= MOST_ENDED or (place >= _ALWAYS and results > MOST_RESULTS):
                self._forget(repository, state.task_id)

    def _forget(self, repository: str, task_id: str) -> None:
        del self._states[task_id]
        self._snapshots.pop(task_id, None)
        self._by_repository[repository].discard(task_id)


def _results(state: TaskState) -> int:
    return sum(len(run.tests) for run in state.baseline or ())
