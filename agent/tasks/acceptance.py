"""Whether a change is what was asked for, by the harness's measure."""

from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Verdict
from agent.tasks.judge_do import accepts_do
from agent.tasks.judge_verify import accepts_change, loosened
from agent.tasks.judgement import accepts, cannot_measure, other_failure, targets, unknown_names


def accepted(state: TaskState) -> bool:
    """Say whether the newest verdict proves what the task is for."""
    return state.verdict is not None and proves(state, state.verdict)


def proves(state: TaskState, verdict: Verdict) -> bool:
    """Say whether a verdict proves what the task is for."""
    assert state.spec is not None
    if state.spec.kind is TaskKind.FIX:
        return accepts(verdict, [test.id for test in targets(state)])
    if state.spec.kind is TaskKind.VERIFY:
        # A merge with later work may loosen no more than what a person has seen.
        seen = loosened(state.verdict or verdict)
        return accepts_change(verdict) and set(loosened(verdict)) <= set(seen)
    return accepts_do(verdict, state.spec.intent, state.spec.tests)


def nothing_to_do(state: TaskState) -> bool:
    """Say whether the base itself ends the task: it cannot be measured, or nothing fails that should."""
    assert state.spec is not None
    problems = [problem for run in state.baseline or () if (problem := cannot_measure(run))]
    if state.spec.kind is TaskKind.FIX:
        return bool(problems or unknown_names(state) or other_failure(state)) or not targets(state)
    # Without a test a change can still be made; it counts as unproven.
    return any(problem.outcome is not Outcome.UNVERIFIED for problem in problems)
