"""What a task does next, as a pure function of its state."""

from enum import StrEnum

from agent.protocol.state import TaskState
from agent.protocol.task import SEARCH, TaskKind, TaskSpec
from agent.protocol.value import Value
from agent.tasks.acceptance import accepted, nothing_to_do
from agent.tasks.judge_verify import delivers
from agent.tasks.judgement import failed_run
from agent.tasks.questions import DELIVERY, START, refused, settled
from agent.tasks.stages import gives_up, has_last_word, lacks_model, stage


class StepKind(StrEnum):
    """The lines of the story of a task."""

    ADMIT = "admit"
    SNAPSHOT = "snapshot"
    PERMIT = "permit"
    REPRODUCE = "reproduce"
    SPLIT = "split"
    LOCALIZE = "localize"
    TURN = "turn"
    PROPOSE = "propose"
    APPLY = "apply"
    VERIFY = "verify"
    GATE = "gate"
    DELIVER = "deliver"
    ANSWER = "answer"
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
    assert state.spec is not None
    return _next_of_task(state, state.spec)


def _next_of_task(state: TaskState, spec: TaskSpec) -> Step:
    if spec.trigger is not None and state.admission is None:
        return Step(kind=StepKind.ADMIT)
    if spec.kind is TaskKind.REPLY or (state.admission is not None and state.admission.refused):
        return Step(kind=StepKind.FINISH)
    if lacks_model(spec):
        return Step(kind=StepKind.FINISH)
    if state.snapshot is None:
        return Step(kind=StepKind.SNAPSHOT)
    if not settled(state, START) and not _has_begun(state):
        return Step(kind=StepKind.PERMIT)
    if spec.kind in (TaskKind.ASK, TaskKind.REVIEW):
        return _next_of_reading(state)
    if state.baseline is None:
        return Step(kind=StepKind.REPRODUCE)
    if spec.kind is TaskKind.VERIFY:
        return _next_of_verify(state, spec)
    return _next_of_change(state, spec)


def _next_of_verify(state: TaskState, spec: TaskSpec) -> Step:
    if delivers(spec) and state.patch is None:
        return Step(kind=StepKind.APPLY)
    if state.verdict is None:
        return Step(kind=StepKind.VERIFY)
    if not delivers(spec) or state.delivered is not None or not accepted(state):
        return Step(kind=StepKind.FINISH)
    return Step(kind=StepKind.DELIVER if settled(state, DELIVERY) else StepKind.GATE)


def _has_begun(state: TaskState) -> bool:
    return state.baseline is not None or bool(state.turns)


def _next_of_reading(state: TaskState) -> Step:
    if state.answer is not None or state.review is not None or stage(state) is None:
        return Step(kind=StepKind.FINISH)
    if not has_last_word(state):
        return _turn(state)
    return _propose(state) if gives_up(state) else Step(kind=StepKind.ANSWER)


def _next_of_change(state: TaskState, spec: TaskSpec) -> Step:
    if state.delivered is not None or nothing_to_do(state):
        return Step(kind=StepKind.FINISH)
    if _may_be_several(state, spec):
        return Step(kind=StepKind.SPLIT)
    at_hand = _next_of_proposal(state)
    if at_hand is not None:
        return at_hand
    name = stage(state)
    if name is None:
        return Step(kind=StepKind.FINISH)
    if name == SEARCH:
        return _propose(state) if state.suspects is not None else Step(kind=StepKind.LOCALIZE)
    return _propose(state) if has_last_word(state) else _turn(state)


def _may_be_several(state: TaskState, spec: TaskSpec) -> bool:
    fixes = spec.kind is TaskKind.FIX and not spec.tests and failed_run(state) is None
    return fixes and spec.parent is None and state.children is None


def _next_of_proposal(state: TaskState) -> Step | None:
    """Return what the newest proposal waits for, None when there is none or it was refused."""
    this_round = state.proposals
    if state.proposal is None or state.refusal:
        return None
    if state.patch is None:
        return Step(kind=StepKind.APPLY, round=this_round)
    if state.verdict is None:
        return Step(kind=StepKind.VERIFY, round=this_round)
    if not accepted(state):
        return None
    if state.spec is not None and not state.spec.deliver:
        return Step(kind=StepKind.FINISH)
    if not settled(state, DELIVERY):
        return Step(kind=StepKind.GATE, round=this_round)
    return Step(kind=StepKind.DELIVER)


def _turn(state: TaskState) -> Step:
    return Step(kind=StepKind.TURN, round=len(state.turns) + 1)


def _propose(state: TaskState) -> Step:
    return Step(kind=StepKind.PROPOSE, round=state.proposals + 1)
