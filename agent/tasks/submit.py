"""From a spec to a finished task, and to the further tasks that its other failures make."""

import threading
from collections.abc import Callable
from pathlib import Path

from agent.protocol.event import BaselineMeasured, Event, SnapshotTaken, TaskSubmitted
from agent.protocol.progress import OnProgress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskSpec
from agent.tasks.context import Context
from agent.tasks.event_log import EventLog
from agent.tasks.judgement import failing, groups
from agent.tasks.run import run


class Submission:
    """Runs tasks one after the other in this process; `cancel` ends the running one."""

    def __init__(
        self,
        state: Path,
        *,
        on_progress: OnProgress,
        on_event: Callable[[Event], None],
        cancel: threading.Event,
    ) -> None:
        self._state = state
        self._on_progress = on_progress
        self._on_event = on_event
        self._cancel = cancel

    def run(self, spec: TaskSpec) -> tuple[TaskState, ...]:
        """Run a task, and one more for each other group of failures when no test was named."""
        first = EventLog.create(self._state)
        states = [self._run(first, spec)]
        for names in self._other_groups(states[0]):
            if self._cancel.is_set():
                break
            log = EventLog.create(self._state)
            states.append(self._run(log, spec.model_copy(update={"tests": names}), facts_of=first))
        return tuple(states)

    def _run(self, log: EventLog, spec: TaskSpec, facts_of: EventLog | None = None) -> TaskState:
        self._on_event(log.append("submit", TaskSubmitted(spec=spec)))
        for event in facts_of.events() if facts_of else ():
            # The base was measured a moment ago: the fact holds for this task as well.
            if isinstance(event.body, SnapshotTaken | BaselineMeasured):
                self._on_event(log.append(event.step_key, event.body))
        context = Context(
            spec, self._state, task_id=log.task_id, on_progress=self._on_progress, cancel=self._cancel
        )
        try:
            return run(log, context, self._on_event)
        finally:
            context.close()

    def _other_groups(self, state: TaskState) -> list[tuple[str, ...]]:
        spec = state.spec
        if spec is None or spec.kind != "fix" or spec.tests or state.suspects is None:
            return []
        return [tuple(test.id for test in group) for group in groups(failing(state.baseline or ()))[1:]]
