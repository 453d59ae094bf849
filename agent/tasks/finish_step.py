"""The last step: the outcome, as the facts have it."""

from agent.protocol.errors import RatchetError
from agent.protocol.event import TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Scope
from agent.tasks.context import Context
from agent.tasks.judgement import Judgement, cannot_measure, judge_change, judge_fix, targets, unknown_names
from agent.tasks.questions import refused


def finish(state: TaskState, context: Context) -> TaskFinished:
    """Return the end of a task whose steps are all done, or that somebody ended."""
    judgement = _judge(state)
    return TaskFinished(
        outcome=judgement.outcome,
        reason=judgement.reason,
        hint=judgement.hint,
        log=_log(state),
        seconds=state.seconds,
    )


def finish_late(state: TaskState) -> TaskFinished:
    """Return the end of a task that was wanted by a moment that has passed."""
    return TaskFinished(
        outcome=Outcome.BUDGET,
        reason="the deadline passed before the task was done",
        hint="set a later --deadline, or a higher --priority; `ratchet tasks retry` begins again",
        seconds=state.seconds,
    )


def finish_by_error(error: RatchetError, seconds: float) -> TaskFinished:
    """Return the end of a task that an error stopped."""
    return TaskFinished(
        outcome=error.outcome, reason=error.message, hint=error.hint, log=error.log, seconds=seconds
    )


def _judge(state: TaskState) -> Judgement:
    ended = _ended_by_people(state)
    if ended is not None:
        return ended
    if state.spec is not None and state.spec.kind is TaskKind.VERIFY:
        assert state.verdict is not None
        return judge_change(state.verdict)
    for run in state.baseline or ():
        problem = cannot_measure(run)
        if problem is not None:
            return problem
    unknown = unknown_names(state)
    if unknown:
        return Judgement(
            outcome=Outcome.USAGE,
            reason=f"no such test: {', '.join(unknown)}",
            hint="name tests as the runner does, e.g. tests/test_x.py::test_y",
        )
    wanted = [test.id for test in targets(state)]
    if not wanted:
        return Judgement(
            outcome=Outcome.NOT_REPRODUCED,
            reason="no test fails, so there is nothing to fix",
            hint="write a failing test that shows the problem, or name one with --test",
        )
    if state.delivered is not None and state.delivered.refused:
        return Judgement(
            outcome=Outcome.UNVERIFIED,
            reason=f"the proven fix is on its branch but was not applied: {state.delivered.refused}",
            hint=state.delivered.hint,
        )
    if state.delivered is not None and state.verdict is not None:
        return judge_fix(state.verdict, wanted)
    return _judge_without_delivery(state)


def _ended_by_people(state: TaskState) -> Judgement | None:
    no = refused(state)
    if no is not None:
        why = f": {no.reason}" if no.reason else ""
        return Judgement(
            outcome=Outcome.DENIED,
            reason=f"{no.by} said no{why}",
            hint="the patch is in the report, on no branch" if state.patch else "",
        )
    if not state.cancelled or (state.delivered is not None and not state.delivered.refused):
        return None
    branch = f"; the proven fix is on branch {state.delivered.branch}" if state.delivered else ""
    kept = "; the patch so far is in the report" if state.patch and not branch else ""
    return Judgement(outcome=Outcome.INTERRUPTED, reason=f"cancelled{branch}{kept}")


def _judge_without_delivery(state: TaskState) -> Judgement:
    tried = f"{state.effort.candidates} candidates tried"
    incomplete = state.verdict is not None and (
        state.verdict.scope is not Scope.FULL or state.verdict.not_run
    )
    if state.timed_out:
        return Judgement(
            outcome=Outcome.BUDGET,
            reason=f"the time limit was reached ({tried})",
            hint="raise --timeout; the log of the task is kept",
        )
    if state.patch is not None and incomplete:
        return Judgement(
            outcome=Outcome.UNVERIFIED,
            reason="a patch fixes the named tests, but the whole check could not prove it",
            hint="the patch is in the report; run `ratchet verify` on it",
        )
    return Judgement(
        outcome=Outcome.NO_PATCH,
        reason=f"{state.exhausted or 'every proposal was refused'} ({tried})",
        hint="the search planner makes small edits; a larger change needs a person or a model",
    )


def _log(state: TaskState) -> str:
    bad = [run for run in state.baseline or () if cannot_measure(run)]
    return bad[0].output_tail or bad[0].reason if bad else ""
