"""The branch that a task delivers to."""

from agent.protocol.forge import OUR_BRANCHES
from agent.protocol.state import TaskState


def branch_name(state: TaskState) -> str:
    """Return the wanted name, or `ratchet/<task id>`; later attempts have branches of their own."""
    wanted = state.spec.branch if state.spec is not None else None
    attempt = f"-{state.attempt}" if state.attempt > 1 else ""
    return f"{wanted or OUR_BRANCHES + state.task_id}{attempt}"
