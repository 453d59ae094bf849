"""The story of a task: which step follows from the events, and how it is performed."""

import time
import traceback
from collections.abc import Callable
from pathlib import Path

from agent.engine.errors import LeaseLost, StoreUnavailable
from agent.engine.story import Hold
from agent.protocol.errors import Interrupted, RatchetError
from agent.protocol.event import Body, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.tasks.admission.step import admit
from agent.tasks.answer_step import answer
from agent.tasks.context import Context
from agent.tasks.deliver_step import deliver_patch
from agent.tasks.finish_step import finish, finish_by_error, finish_late
from agent.tasks.measure_base import measure_base
from agent.tasks.next_step import Step, StepKind, next_step
from agent.tasks.permit_step import ask_to_deliver, ask_to_start
from agent.tasks.propose_step import apply, propose
from agent.tasks.prove_step import prove
from agent.tasks.restore import restore
from agent.tasks.search_step import localize
from agent.tasks.split_step import split
from agent.tasks.study import Study
from agent.tasks.take_snapshot import take_snapshot
from agent.tasks.turn_step import take_turn

_PERFORM: dict[StepKind, Callable[[TaskState, Context], Body]] = {
    StepKind.ADMIT: admit,
    StepKind.SNAPSHOT: take_snapshot,
    StepKind.PERMIT: ask_to_start,
    StepKind.REPRODUCE: measure_base,
    StepKind.SPLIT: split,
    StepKind.LOCALIZE: localize,
    StepKind.PROPOSE: propose,
    StepKind.APPLY: apply,
    StepKind.VERIFY: prove,
    StepKind.GATE: ask_to_deliver,
    StepKind.DELIVER: deliver_patch,
    StepKind.ANSWER: answer,
    StepKind.FINISH: finish,
}
_ENDING = {StepKind.DELIVER, StepKind.FINISH}
"""Steps that a proven patch is still brought home by when the time is over."""


class RepairStory:
    """Every kind of task, step by step; below `state` lie repositories, roots and environments."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def next_step(self, state: TaskState) -> str | None:
        """Return the key of the step that follows; None when the task is finished or has to wait."""
        step = next_step(state)
        return None if step is None else state.step_key(step.key)

    def open(self, state: TaskState, hold: Hold) -> "Repair":
        """Begin or go on with a task."""
        return Repair(state, self._state, hold)


class Repair:
    """One task in work: its sandboxes and environments are kept from step to step."""

    def __init__(self, state: TaskState, place: Path, hold: Hold) -> None:
        self._place = place
        self._hold = hold
        self._take_up(state)

    @property
    def uncounted(self) -> float:
        """Seconds of the newest step that do not count against the task's time limit."""
        return self._context.uncounted

    def perform(self, state: TaskState, step_key: str) -> Body | None:
        """Run the step and return what to record; None when it was interrupted and has to run again.

        Raises LeaseLost and StoreUnavailable, after which this process has no say in the task.
        """
        step = next_step(state)
        assert step is not None and state.step_key(step.key) == step_key
        if state.spec != self._spec:
            # Once it was admitted, a task from a forge is another than was asked for.
            self.close()
            self._take_up(state)
        began, self._context.uncounted = time.monotonic(), 0.0
        try:
            return self._performed(step, state)
        except (LeaseLost, StoreUnavailable):
            raise
        except Exception as error:  # noqa: BLE001  the task-step boundary of the design
            seconds = state.seconds + time.monotonic() - began - self._context.uncounted
            return self._ended_by(error, step, seconds)

    def close(self) -> None:
        """Take down whatever runs for the task."""
        self._study.close()
        self._context.close()

    def _take_up(self, state: TaskState) -> None:
        assert state.spec is not None
        self._spec = state.spec
        self._context = Context(state.spec, self._place, self._hold, spent=state.seconds)
        self._study = Study(self._context)
        self._restored = False

    def _performed(self, step: Step, state: TaskState) -> Body:
        hold = self._context.hold
        if hold.interrupt.is_set() and step.kind is not StepKind.FINISH:
            raise Interrupted("cancelled")
        if step.kind not in _ENDING and self._context.overdue:
            return finish_late(state)
        if not self._restored and step.kind is not StepKind.FINISH:
            restore(state, self._context)
            self._restored = True
        body = self._perform(step, state)
        # What was delivered is a fact; any other result may have been cut short.
        if hold.interrupt.is_set() and step.kind not in _ENDING:
            raise Interrupted("cancelled")
        return body

    def _perform(self, step: Step, state: TaskState) -> Body:
        if step.kind is StepKind.TURN:
            return take_turn(state, self._context, self._study)
        return _PERFORM[step.kind](state, self._context)

    def _ended_by(self, error: Exception, step: Step, seconds: float) -> TaskFinished | None:
        if self._context.hold.interrupt.is_set():
            # Whatever went wrong while everything was being taken down says nothing about the task.
            return (
                finish_by_error(Interrupted("cancelled"), seconds) if self._context.hold.cancelled() else None
            )
        if isinstance(error, RatchetError):
            return finish_by_error(error, seconds)
        return TaskFinished(
            outcome=Outcome.ERROR,
            reason=f"{step.kind} failed: {type(error).__name__}: {error}",
            hint="this is a bug in Ratchet; the log of the task has the traceback",
            log="".join(traceback.format_exception(error)),
            seconds=seconds,
        )
