"""The step in which the harness, and nobody else, says what a change does."""

from agent.protocol.event import VerdictReached
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.protocol.verdict import Verdict
from agent.tasks.acceptance import proves
from agent.tasks.admission.unheeded import unheeded
from agent.tasks.context import Context
from agent.tasks.given_patch import proof
from agent.tasks.judgement import targets
from agent.tasks.strength import with_strength
from agent.verify.measure import measure
from agent.verify.trees import compose
from agent.verify.workbench import Workbench


def prove(state: TaskState, context: Context) -> VerdictReached:
    """Measure the candidate of a fix, or the change of a verify task."""
    context.on_progress(Progress(phase="verify"))
    assert state.spec is not None and state.snapshot is not None
    if state.spec.kind is TaskKind.VERIFY:
        assert state.head_tree is not None
        known = proof(state, context)
        if known is not None:
            return VerdictReached(verdict=known.verdict)
        return VerdictReached(verdict=_told(_judge_change(state, context, state.head_tree), context))
    assert state.patch is not None
    verdict = judge_tree(state, context, state.snapshot.tree, state.patch.tree)
    if state.spec.kind is TaskKind.DO and proves(state, verdict):
        verdict = with_strength(state, context, verdict)
    return VerdictReached(verdict=_told(verdict, context))


def _told(verdict: Verdict, context: Context) -> Verdict:
    note = unheeded(context.spec, context.store)
    return verdict.model_copy(update={"notes": (*verdict.notes, note)}) if note else verdict


def judge_tree(state: TaskState, context: Context, base: str, candidate: str) -> Verdict:
    """Return the verdict on a candidate of a fix or a `do` task."""
    assert state.snapshot is not None
    return measure(
        context.workbench(candidate, state.snapshot.commit),
        compose(context.store, base, candidate),
        state.checks,
        baseline=state.baseline or (),
        target=_target(state),
        test_seconds=context.spec.limits.test_seconds,
        deadline=context.deadline,
        base_workbench=context.workbench(base, state.snapshot.commit),
        on_progress=context.on_progress,
        cancel=context.cancel,
    )


def _target(state: TaskState) -> tuple[str, ...]:
    """Return the tests that must pass, without which the rest need not be run."""
    fixing = state.spec is not None and state.spec.kind is TaskKind.FIX
    return tuple(test.id for test in targets(state)) if fixing else ()


def _judge_change(state: TaskState, context: Context, head: str) -> Verdict:
    assert state.snapshot is not None
    base = state.snapshot.tree
    before = context.workbench(base, state.snapshot.commit)
    after = context.workbench(head, state.snapshot.commit)
    verdict = _measured(state, context, base, head, before, after)
    if before is after:
        return verdict
    note = _effect_of_environment(_measured(state, context, base, base, before, after))
    return verdict.model_copy(update={"notes": (*verdict.notes, note)})


def _measured(
    state: TaskState, context: Context, base: str, head: str, before: Workbench, after: Workbench
) -> Verdict:
    return measure(
        after,
        compose(context.store, base, head),
        state.checks,
        test_seconds=context.spec.limits.test_seconds,
        deadline=context.deadline,
        base_workbench=before,
        on_progress=context.on_progress,
        cancel=context.cancel,
    )


def _effect_of_environment(alone: Verdict) -> str:
    """Say what the changed environment does to the unchanged code, so that a dependency is told from code."""
    changed = (*alone.broken, *alone.fixed, *alone.vanished, *alone.skipped_now)
    if not changed:
        return "the change needs another environment; by itself it changes no test's outcome"
    shown = ", ".join(changed[:3])
    return f"the changed environment alone changes the outcome of {len(changed)} tests: {shown}"
