"""What a measured change deserves that was handed in, and whether it may go where the user asked."""

from agent.protocol.event import PatchDelivered
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Scope, Verdict
from agent.tasks.judgement import Judgement, judge_change

_PROVEN = (Outcome.VERIFIED, Outcome.VERIFIED_WITH_PREEXISTING)
_NOWHERE = "so it was put nowhere"


def delivers(spec: TaskSpec) -> bool:
    """Say whether a verify task is to deliver the patch that came with it."""
    wanted = spec.apply or spec.branch is not None
    return spec.kind is TaskKind.VERIFY and spec.patch is not None and spec.deliver and wanted


def accepts_change(verdict: Verdict) -> bool:
    """Say whether `verify` would end well, measured in full; what a person has to look at is `loosened`."""
    proven = judge_change(verdict).outcome in _PROVEN
    return proven and verdict.scope is Scope.FULL and not verdict.not_run


def loosened(verdict: Verdict) -> tuple[str, ...]:
    """Return the files whose change cannot be proven by running them: each needs a person's yes."""
    weakened = (test.partition("::")[0] for test in verdict.weakened)
    return tuple(sorted({*verdict.set_apart, *weakened}))


def judge_verify(state: TaskState) -> Judgement:
    """Return the outcome of a verify task, and what became of its patch."""
    assert state.spec is not None and state.verdict is not None
    judged = judge_change(state.verdict)
    if not delivers(state.spec):
        return judged
    if state.delivered is None:
        return judged.model_copy(update={"reason": f"{judged.reason}; {_NOWHERE}"})
    return judged.model_copy(update={"reason": f"{judged.reason}; {_where(state.delivered)}"})


def _where(delivered: PatchDelivered) -> str:
    places = [f"on branch {delivered.branch}"] if delivered.branch else []
    places += ["applied"] if delivered.applied else []
    return " and ".join(places)
