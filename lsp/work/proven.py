"""The proven patches that are not in the user's files yet, found without asking anybody."""

import time
from collections.abc import Collection, Sequence

from agent.protocol.outcome import Outcome
from agent.protocol.report import report
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind

PROVEN = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)
_FRESH_SECONDS = 86_400
"""Age up to which the patch of a task is offered; `ratchet.apply` takes any."""


def patch_for(path: str, states: Sequence[TaskState], applied: Collection[str]) -> str:
    """Return the newest task with a proven patch of a file that is to be applied; empty when there is none.

    The newest of `states` comes first; `applied` are the tasks whose patch is there already.
    """
    since = time.time() - _FRESH_SECONDS
    for state in states:
        if state.patch is None or path not in state.patch.files or state.judged_at < since:
            continue
        if has_proven_patch(state):
            # An older one was made without what this one does.
            return "" if state.task_id in applied else state.task_id
    return ""


def has_proven_patch(state: TaskState) -> bool:
    """Say whether a finished task has a proven patch that it did not put into the working tree."""
    if state.finished is None or state.finished.outcome not in PROVEN or state.spec is None:
        return False
    if state.spec.kind not in (TaskKind.FIX, TaskKind.DO):
        return False
    told = report(state)
    return bool(told.patch) and not told.applied
