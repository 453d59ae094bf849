"""The steps in which a planner offers a change, or gives up, and the change becomes a tree of ours."""

from agent.planners.llm.offer import offer
from agent.protocol.errors import PatchRefused
from agent.protocol.event import EditsApplied, EditsRefused, ProposalMade
from agent.protocol.proposal import Proposal
from agent.protocol.state import TaskState
from agent.protocol.task import SEARCH, TaskKind
from agent.tasks.context import Context
from agent.tasks.given_patch import make_patch
from agent.tasks.search_step import search
from agent.tasks.stages import MAX_REFUSALS, gives_up, rounds, stage


def propose(state: TaskState, context: Context) -> ProposalMade:
    """Return what the planner at work offers, or why it gives up."""
    name = stage(state)
    assert name is not None
    if len(rounds(state)) >= MAX_REFUSALS:
        return _nothing(name, "every proposal was refused")
    return search(state, context) if name == SEARCH else _offered(state, context, name)


def apply(state: TaskState, context: Context) -> EditsApplied | EditsRefused:
    """Make the proposal, or the patch that was handed in, a tree of ours, all edits or none."""
    if state.spec is not None and state.spec.kind is TaskKind.VERIFY:
        return make_patch(state, context)
    assert state.proposal is not None and state.snapshot is not None
    base = state.snapshot.tree
    try:
        tree = context.store.apply(base, state.proposal.edits)
    except PatchRefused as refused:
        return EditsRefused(reason=refused.message, hint=refused.hint)
    return EditsApplied(patch=context.store.diff(base, tree))


def _offered(state: TaskState, context: Context, name: str) -> ProposalMade:
    """Return the working tree of a model as a proposal; a tree that was refused before is none.

    What a model leaves behind that failed, or whose budget is spent, is measured like all other work.
    """
    assert state.snapshot is not None
    last, base = state.turns[-1], state.snapshot.tree
    before = {one.patch.tree for one in rounds(state) if one.patch is not None}
    fresh = last.tree not in (*before, base, "")
    reason = gives_up(state)
    if not fresh:
        said = "the model offers nothing new" if before else "the model changed nothing"
        return _nothing(name, reason or said)
    return ProposalMade(proposal=offer(context.store, base, last.tree, planner=name, said=last.text))


def _nothing(name: str, reason: str) -> ProposalMade:
    return ProposalMade(proposal=Proposal(planner=name, edits=(), rationale=""), exhausted=reason)
