"""A task as the list shows it, from its own events."""

from agent.protocol.state import TaskState
from agent.protocol.summary import Status, TaskSummary
from agent.protocol.task import TaskKind
from tui.feed.task_log import TaskLog


def summary_of(log: TaskLog) -> TaskSummary:
    """Return a task as the list shows it."""
    state, first, last = log.state, log.events[0], log.events[-1]
    spec, end = state.spec, state.finished
    return TaskSummary(
        task_id=log.task_id,
        kind=spec.kind if spec is not None else TaskKind.DO,
        repository=spec.home if spec is not None else "",
        status=_status(state),
        priority=state.priority,
        created_at=first.recorded_at,
        updated_at=last.recorded_at,
        seq=state.seq,
        step=last.step_key,
        outcome=end.outcome if end is not None else None,
        reason=end.reason if end is not None else "",
        parent=spec.parent if spec is not None else None,
        cost_usd=state.effort.cost_usd,
        seconds=state.seconds,
    )


def _status(state: TaskState) -> Status:
    if state.finished is not None:
        return Status.FINISHED
    if state.paused:
        return Status.PAUSED
    if state.open_approvals:
        return Status.WAITING
    return Status.RUNNING if state.seq > 1 else Status.QUEUED
