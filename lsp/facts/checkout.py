"""Which tasks are about the user's working tree."""

from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind

_CHANGING = (TaskKind.FIX, TaskKind.DO)


def is_of_checkout(state: TaskState) -> bool:
    """Say whether a task looked at the files as they were on the disk, not at a commit."""
    spec = state.spec
    if spec is None or state.snapshot is None:
        return False
    if spec.kind in _CHANGING:
        return not spec.clean and spec.base is None
    return spec.kind in (TaskKind.VERIFY, TaskKind.REVIEW) and spec.head is None


def patch_of(state: TaskState) -> str:
    """Return the diff of the tree that a task's verdict is about, from the tree that it found."""
    if state.spec is not None and state.spec.patch is not None:
        return state.spec.patch
    return state.patch.diff if state.patch is not None else ""
