"""The step in which a model answers once, with everything said so far in front of it."""

import time
from collections.abc import Iterator

from agent.models.faults import FaultKind
from agent.models.model import Listening
from agent.planners.llm.assignment import Conversation, Remark
from agent.planners.llm.quoting import Quotes
from agent.planners.llm.turn import take_turn as one_turn
from agent.protocol.conversation import Turn
from agent.protocol.event import TurnTaken
from agent.protocol.progress import OnProgress, Progress
from agent.protocol.state import TaskState
from agent.tasks.consent import remember
from agent.tasks.context import Context
from agent.tasks.feedback import feedback
from agent.tasks.stages import rounds, turns
from agent.tasks.study import Study

_A_FRAME = 0.05
"""Seconds between two pieces of text that go to whoever watches."""


def take_turn(state: TaskState, context: Context, study: Study) -> TurnTaken:
    """Ask the model at work and do what it asks for."""
    chosen = study.profile(state)
    context.on_progress(Progress(phase="model", message=f"{chosen.name}: turn {len(turns(state)) + 1}"))
    if chosen.is_remote:
        # Somebody allowed it, or the task would not have come this far.
        remember(context.state, context.spec.repository, chosen.host)
    if time.monotonic() >= context.deadline:
        return TurnTaken(turn=_too_late(state, study))
    desk = study.desk(state)
    seat = study.seat(state, desk)
    heard = _Heard(context.on_progress)
    listening = Listening(heard, context.cancel, heard.void, context.deadline)
    turn = one_turn(seat, conversation(state), desk, listening, steered=len(state.steering))
    heard.flush()
    return TurnTaken(turn=turn)


def _too_late(state: TaskState, study: Study) -> Turn:
    taken = turns(state)
    return Turn(
        role=study.role(state),
        model=study.profile(state).name,
        tree=taken[-1].tree if taken else "",
        fault=FaultKind.BUDGET,
        reason="the time limit was reached",
        steered=len(state.steering),
    )


def conversation(state: TaskState) -> Conversation:
    """Return what was said since the planner at work began."""
    remarks = sorted([*_verdicts(state), *_steering(state)], key=lambda remark: remark.after)
    return Conversation(turns(state), tuple(remarks))


def _verdicts(state: TaskState) -> Iterator[Remark]:
    mine = rounds(state)
    for one in state.rounds:
        if one not in mine and one.patch is not None:
            files = Quotes().quote("\n".join(one.patch.files), "changed files")
            yield Remark(
                0, f"An earlier attempt, which was given up, changed\n{files}\n{feedback(state, one)}"
            )
    for one in mine:
        if one.verdict is not None or one.refusal:
            yield Remark(one.turns - state.stage_began, feedback(state, one))


def _steering(state: TaskState) -> Iterator[Remark]:
    taken = turns(state)
    for number, message in enumerate(state.steering):
        heard = (place for place, turn in enumerate(taken) if turn.steered > number)
        text = Quotes().cleaned(message.text, "the user")
        yield Remark(next(heard, len(taken)), f"The user says: {text}")


class _Heard:
    """Passes on what a model says, not more often than anybody can see."""

    def __init__(self, on_progress: OnProgress) -> None:
        self._on_progress = on_progress
        self._waiting: list[str] = []
        self._told = 0.0

    def __call__(self, piece: str) -> None:
        self._waiting.append(piece)
        if time.monotonic() - self._told >= _A_FRAME:
            self.flush()

    def void(self, reason: str) -> None:
        """Say why what was heard does not count: the request is sent again."""
        self._waiting = []
        self._on_progress(Progress(phase="model", message=reason, text=""))

    def flush(self) -> None:
        """Pass on what waits."""
        if self._waiting:
            self._on_progress(Progress(phase="model", text="".join(self._waiting)))
            self._waiting, self._told = [], time.monotonic()
