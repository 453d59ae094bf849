"""The last step: the outcome, as the facts have it."""

from agent.protocol.errors import RatchetError
from agent.protocol.event import TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Scope
from agent.tasks.acceptance import accepted
from agent.tasks.admission.replies import reply
from agent.tasks.context import Context
from agent.tasks.judge_do import judge_do
from agent.tasks.judge_verify import judge_verify
from agent.tasks.judgement import (
    Judgement,
    cannot_measure,
    failed_run,
    judge_fix,
    other_failure,
    targets,
    unknown_names,
)
from agent.tasks.questions import refused as answered_no
from agent.tasks.stages import lacks_model


def finish(state: TaskState, context: Context) -> TaskFinished:
    """Return the end of a task whose steps are all done, or that somebody ended."""
    judgement = _judge(state) or reply(state, context)
    return TaskFinished(
        outcome=judgement.outcome,
        reason=f"{judgement.reason}{_overtaken(state)}",
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


def _judge(state: TaskState) -> Judgement | None:
    """Return the outcome as the events have it; None for a task that only answers somebody."""
    assert state.spec is not None
    ended = _ended_by_people(state) or _not_admitted(state)
    if ended is not None or state.spec.kind is TaskKind.REPLY:
        return ended
    if lacks_model(state.spec):
        return _NO_MODEL
    match state.spec.kind:
        case TaskKind.VERIFY:
            return _not_applied(state) or judge_verify(state)
        case TaskKind.ASK | TaskKind.REVIEW:
            return _judge_reading(state)
        case TaskKind.DO:
            return _judge_do(state)
        case _:
            return _judge_fix(state)


_NO_MODEL = Judgement(
    outcome=Outcome.NO_PLANNER,
    reason="this needs a language model, and none is configured",
    hint="name one under [models.NAME] (docs/models.md); `ratchet fix`, `verify` and `index` work without",
)


def _not_admitted(state: TaskState) -> Judgement | None:
    if state.admission is None or not state.admission.refused:
        return None
    return Judgement(outcome=Outcome.DENIED, reason=state.admission.refused)


def _overtaken(state: TaskState) -> str:
    """Say that what was delivered is not for what the pull request is by now."""
    if state.delivered is None or state.delivered.moved_to is None or state.snapshot is None:
        return ""
    now, then = state.delivered.moved_to[:12], state.snapshot.commit[:12]
    return f"; it is for {then}, and the pull request has moved to {now}"


def _judge_reading(state: TaskState) -> Judgement:
    if state.answer is not None:
        false = sum(1 for one in state.answer.citations if one.fault)
        there = len(state.answer.citations) - false
        wrong = f", {false} do not" if false else ""
        return Judgement(outcome=Outcome.DONE, reason=f"answered; {there} cited places exist{wrong}")
    if state.review is not None:
        proven = sum(1 for one in state.review.findings if one.proven)
        rest = len(state.review.findings) - proven
        return Judgement(outcome=Outcome.DONE, reason=f"{proven} findings proven, {rest} unproven")
    return _given_up(state)


def _judge_do(state: TaskState) -> Judgement:
    for run in state.baseline or ():
        problem = cannot_measure(run)
        if problem is not None and problem.outcome is not Outcome.UNVERIFIED:
            return problem
    refused = _not_applied(state)
    if refused is not None:
        return refused
    assert state.spec is not None
    if state.verdict is not None and (state.delivered is not None or accepted(state)):
        return judge_do(state.verdict, state.spec.intent, state.spec.tests)
    if state.best is None or state.best.verdict is None:
        return _given_up(state)
    # What a limit cut short is not made worse by it: the best change so far is in the report.
    cut = _given_up(state)
    found = judge_do(state.best.verdict, state.spec.intent, state.spec.tests)
    return cut if cut.outcome is Outcome.BUDGET else found


def _given_up(state: TaskState) -> Judgement:
    """Return the end of a task whose models came to nothing."""
    if _at_a_limit(state):
        kept = "the patch so far is in the report; " if state.patch else ""
        reason = state.exhausted or "a limit was reached"
        return Judgement(outcome=Outcome.BUDGET, reason=reason, hint=f"{kept}{_MORE}")
    if state.turns and state.turns[-1].fault:
        return Judgement(outcome=Outcome.NO_PLANNER, reason=state.exhausted, hint=_DOCTOR)
    return Judgement(outcome=Outcome.NO_PATCH, reason=state.exhausted, hint=_MODELS_LOG)


def _at_a_limit(state: TaskState) -> bool:
    return state.timed_out or (bool(state.turns) and state.turns[-1].fault in ("budget", "quota"))


_MORE = "raise --budget or --timeout; what was done so far is in the log of the task"
_DOCTOR = "`ratchet doctor --models` says what is wrong with a model"
_MODELS_LOG = "`ratchet tasks show` has what the model said; say more in the request, or name another --model"


def _judge_fix(state: TaskState) -> Judgement:
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
    if failed_run(state) is not None and (other_failure(state) or not wanted):
        return _environment_or_flake(state)
    if not wanted:
        return Judgement(
            outcome=Outcome.NOT_REPRODUCED,
            reason="no test fails, so there is nothing to fix",
            hint="write a failing test that shows the problem, or name one with --test",
        )
    refused = _not_applied(state)
    if refused is not None:
        return refused
    if state.verdict is not None and (state.delivered is not None or accepted(state)):
        return judge_fix(state.verdict, wanted)
    return _judge_without_delivery(state)


def _environment_or_flake(state: TaskState) -> Judgement:
    passes = "environment or flake: what failed in the workflow run does not fail here"
    return Judgement(
        outcome=Outcome.NOT_REPRODUCED,
        reason=other_failure(state) or passes,
        hint="run the workflow again; what differs there from the sandbox is in its log",
    )


def _not_applied(state: TaskState) -> Judgement | None:
    if state.delivered is None or not state.delivered.refused:
        return None
    return Judgement(
        outcome=Outcome.UNVERIFIED,
        reason=f"the proven change is on its branch but was not applied: {state.delivered.refused}",
        hint=state.delivered.hint,
    )


def _ended_by_people(state: TaskState) -> Judgement | None:
    no = answered_no(state)
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
    if state.turns and _at_a_limit(state):
        return _given_up(state)
    if state.timed_out:
        return Judgement(
            outcome=Outcome.BUDGET,
            reason=f"the time limit was reached ({tried})",
            hint="raise --timeout; the log of the task is kept",
        )
    if state.patch is not None and _is_incomplete(state):
        return Judgement(
            outcome=Outcome.UNVERIFIED,
            reason="a patch fixes the named tests, but the whole check could not prove it",
            hint="the patch is in the report; run `ratchet verify` on it",
        )
    if state.turns:
        return _given_up(state)
    return Judgement(
        outcome=Outcome.NO_PATCH,
        reason=f"{state.exhausted or 'every proposal was refused'} ({tried})",
        hint="the search planner makes small edits; a larger change needs a person or a model",
    )


def _is_incomplete(state: TaskState) -> bool:
    """Say whether the newest patch does what was asked for, as far as it was measured."""
    verdict = state.verdict
    if verdict is None or not {test.id for test in targets(state)} <= set(verdict.fixed):
        return False
    return verdict.scope is not Scope.FULL or bool(verdict.not_run)


def _log(state: TaskState) -> str:
    bad = [run for run in state.baseline or () if cannot_measure(run)]
    if bad:
        return bad[0].output_tail or bad[0].reason
    evidence = failed_run(state)
    return evidence.excerpt if evidence is not None else ""
