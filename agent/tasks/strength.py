"""How much the tests of an accepted change would notice; it decides nothing."""

import time

from agent.protocol.check import CheckKind
from agent.protocol.state import TaskState
from agent.protocol.verdict import Verdict
from agent.tasks.context import Context
from agent.verify.mutants import measure_strength
from agent.verify.run_on import Bench
from agent.verify.trees import compose

_SHARE = 0.25
"""Part of the time left that may go into it."""
_MOST = 60.0


def with_strength(state: TaskState, context: Context, verdict: Verdict) -> Verdict:
    """Return the verdict with the strength of the tests that prove it."""
    assert state.snapshot is not None and state.patch is not None
    check = next((one for one in state.checks if one.kind is not CheckKind.DIAGNOSTICS), None)
    left = context.deadline - time.monotonic()
    if check is None or left <= 0:
        return verdict
    strength = measure_strength(
        context.workbench(state.patch.tree, state.snapshot.commit),
        compose(context.store, state.snapshot.tree, state.patch.tree),
        check,
        verdict,
        Bench(context.spec.limits.test_seconds, context.deadline, context.on_progress, context.cancel),
        seconds=min(_MOST, _SHARE * left),
    )
    return verdict.model_copy(update={"strength": strength})
