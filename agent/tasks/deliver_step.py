"""The step that puts a proven patch where the user asked."""

from agent.protocol.errors import DeliveryRefused
from agent.protocol.event import PatchDelivered
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.repo.delivery import deliver, plan_apply, write_plan
from agent.tasks.context import Context
from agent.tasks.judgement import targets
from agent.tasks.prove_step import judge_tree


def deliver_patch(state: TaskState, context: Context) -> PatchDelivered:
    """Make the branch, and with `apply` merge into the working tree; raises DeliveryRefused."""
    context.on_progress(Progress(phase="deliver"))
    assert state.spec is not None and state.snapshot is not None and state.patch is not None
    branch = state.spec.branch or f"ratchet/{context.task_id}"
    commit = deliver(
        context.store,
        state.snapshot,
        state.patch,
        branch=branch,
        message=_message(state),
        task_id=context.task_id,
    )
    delivered = PatchDelivered(branch=branch, commit=commit)
    if not state.spec.apply:
        return delivered
    try:
        _apply(state, context)
    except DeliveryRefused as refused:
        # The branch stands: what was proven is not lost because the checkout cannot take it.
        return delivered.model_copy(update={"refused": refused.message, "hint": refused.hint})
    return delivered.model_copy(update={"applied": True})


def _apply(state: TaskState, context: Context) -> None:
    assert state.snapshot is not None and state.patch is not None
    plan = plan_apply(context.store, state.snapshot, state.patch)
    if not plan.exact:
        # The checkout moved since the snapshot: the merged tree is another tree, unproven so far.
        verdict = judge_tree(state, context, state.snapshot.tree, plan.tree)
        wanted = {test.id for test in targets(state)}
        if not verdict.harmless or not wanted <= set(verdict.fixed):
            raise DeliveryRefused(
                "the working tree changed meanwhile and the merged result does not pass",
                hint="the proven patch is on its branch; merge it by hand",
            )
    write_plan(context.store, plan, task_id=context.task_id)


def _message(state: TaskState) -> str:
    assert state.proposal is not None
    names = [test.id for test in targets(state)]
    shown = "\n".join(f"- {name}" for name in names[:20])
    return f"Fix {names[0].rpartition('::')[2]}\n\n{state.proposal.rationale}\n\nFixes:\n{shown}"
