"""The story of a task: the next step follows from the events, is performed, and is recorded."""

import time
import traceback
from collections.abc import Callable

from agent.protocol.errors import Interrupted, RatchetError
from agent.protocol.event import Body, Event, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState, advance, fold
from agent.tasks.context import Context
from agent.tasks.deliver_step import deliver_patch
from agent.tasks.event_log import EventLog
from agent.tasks.finish_step import finish, finish_by_error
from agent.tasks.measure_base import measure_base, take_snapshot
from agent.tasks.next_step import Step, StepKind, next_step
from agent.tasks.prove_step import prove
from agent.tasks.search_step import apply, localize, propose

_PERFORM: dict[StepKind, Callable[[TaskState, Context], Body]] = {
    StepKind.SNAPSHOT: take_snapshot,
    StepKind.REPRODUCE: measure_base,
    StepKind.LOCALIZE: localize,
    StepKind.PROPOSE: propose,
    StepKind.APPLY: apply,
    StepKind.VERIFY: prove,
    StepKind.DELIVER: deliver_patch,
}


def run(log: EventLog, context: Context, on_event: Callable[[Event], None]) -> TaskState:
    """Run a submitted task to its end; a step that is recorded is never run again."""
    state = fold(log.events())
    while (step := next_step(state)) is not None:
        event = log.append(step.key, _perform(step, state, context))
        on_event(event)
        state = advance(state, event)
        if isinstance(event.body, TaskFinished):
            break
    return state


def _perform(step: Step, state: TaskState, context: Context) -> Body:
    seconds = time.monotonic() - context.started
    try:
        if context.cancel.is_set():
            raise Interrupted("cancelled")
        if step.kind is StepKind.FINISH:
            return finish(state, seconds)
        body = _PERFORM[step.kind](state, context)
        if context.cancel.is_set():
            raise Interrupted("cancelled")
        return body
    except KeyboardInterrupt:
        return finish_by_error(Interrupted("cancelled"), seconds)
    except RatchetError as error:
        return finish_by_error(error, seconds)
    except Exception as error:  # noqa: BLE001  the task-step boundary of the design
        return TaskFinished(
            outcome=Outcome.ERROR,
            reason=f"{step.kind} failed: {type(error).__name__}: {error}",
            hint="this is a bug in Ratchet; the log of the task has the traceback",
            log=traceback.format_exc(),
            seconds=seconds,
        )
