"""What a task does next, as a pure function of its state."""

from enum import StrEnum

from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.value import Value
from agent.tasks.judgement import accepts, cannot_measure, targets, unknown_names
from agent.tasks.questions import DELIVERY, START, refused, settled

MAX_REFUSALS = 5
"""Proposals that the harness may refuse before a task gives up."""


class StepKind(StrEnum):
    """The lines of the story of a task."""

    SNAPSHOT = "snapshot"
    PERMIT = "permit"
    REPRODUCE = "reproduce"
    SPLIT = "split"
    LOCALIZE = "localize"
    PROPOSE = "propose"
    APPLY = "apply"
    VERIFY = "verify"
    GATE = "gate"
    DELIVER = "deliver"
    FINISH = "finish"


class Step(Value):
    """One step; its key is unique within an attempt."""

    kind: StepKind
    round: int = 0

    @property
    def key(self) -> str:
        """Return the step key, e.g. `propose:2`."""
        return f"{self.kind}:{self.round}" if self.round else str(self.kind)


def next_step(state: TaskState) -> Step | None:
    """Return the step that follows, None when the task is finished or has to wait for somebody."""
    if state.finished is not None:
        return None
    if state.cancelled:
        return Step(kind=StepKind.FINISH)
    if state.paused or state.open_approvals:
        return None
    if refused(state) is not None:
        return Step(kind=StepKind.FINISH)
    return _next_of_measuring(state)


def _next_of_measuring(state: TaskState) -> Step:
    if state.snapshot is None:
        return Step(kind=StepKind.SNAPSHOT)
    if state.baseline is None:
        return Step(kind=StepKind.REPRODUCE if settled(state, START) else StepKind.PERMIT)
    if state.spec is not None and state.spec.kind is TaskKind.VERIFY:
        return Step(kind=StepKind.FINISH if state.verdict else StepKind.VERIFY)
    return _next_of_fix(state)


def _next_of_fix(state: TaskState) -> Step:
    wanted = [test.id for test in targets(state)]
    unmeasured = any(cannot_measure(run) for run in state.baseline or ())
    if not wanted or unmeasured or unknown_names(state):
        return Step(kind=StepKind.FINISH)
    if _may_be_several(state):
        return Step(kind=StepKind.SPLIT)
    if state.suspects is None:
        return Step(kind=StepKind.LOCALIZE)
    if state.delivered is not None or state.exhausted:
        return Step(kind=StepKind.FINISH)
    return _next_of_search(state, wanted)


def _may_be_several(state: TaskState) -> bool:
    spec = state.spec
    return spec is not None and not spec.tests and spec.parent is None and state.children is None


def _next_of_search(state: TaskState, wanted: list[str]) -> Step:
    this_round = state.proposals
    if state.proposal is None or state.refusal:
        return _propose(this_round)
    if state.patch is None:
        return Step(kind=StepKind.APPLY, round=this_round)
    if state.verdict is None:
        return Step(kind=StepKind.VERIFY, round=this_round)
    if not accepts(state.verdict, wanted):
        return _propose(this_round)
    if not settled(state, DELIVERY):
        return Step(kind=StepKind.GATE, round=this_round)
    return Step(kind=StepKind.DELIVER)


def _propose(done: int) -> Step:
    if done >= MAX_REFUSALS:
        return Step(kind=StepKind.FINISH)
    return Step(kind=StepKind.PROPOSE, round=done + 1)
