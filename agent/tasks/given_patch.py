"""A patch that comes with a verify task: what it is put on, and who has proven the result before."""

from dataclasses import dataclass

from agent.protocol.errors import PatchRefused, UsageError
from agent.protocol.event import BaselineMeasured, EditsApplied, SnapshotTaken
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.verdict import Scope, Verdict
from agent.repo.store import Store
from agent.tasks.context import Context


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict of another task on the very same trees."""

    verdict: Verdict
    baseline: BaselineMeasured
    """What it was measured with; no runs."""


def check_patch(spec: TaskSpec) -> None:
    """Raise UsageError for what makes no sense with a patch, or without one."""
    if spec.kind is TaskKind.VERIFY:
        if spec.patch is None and (spec.apply or spec.branch or spec.proven_by):
            raise UsageError("verify delivers only a patch that it is given", hint="give it the diff")
        return
    if spec.patch is not None or spec.proven_by is not None:
        raise UsageError(f"{spec.kind} takes no patch", hint="only verify judges a diff that it is given")


def put_on(store: Store, tree: str, diff: str) -> str:
    """Return the tree with a diff put on it; raises UsageError where it does not fit."""
    try:
        return store.patched(tree, diff)
    except PatchRefused as refused:
        raise UsageError(refused.message, hint=refused.hint, log=refused.log) from None


def to_deliver(spec: TaskSpec, store: Store) -> SnapshotTaken:
    """Return the trees of a patch that is to be delivered: it is judged against what it is put on.

    That is the named revision, else the files as they are (with `clean` HEAD). Raises RepositoryError
    and UsageError.
    """
    assert spec.patch is not None
    named = spec.head or spec.base
    base = store.snapshot(clean=spec.clean or named is not None)
    if named is not None:
        commit = store.resolve(named)
        base = base.model_copy(update={"commit": commit, "tree": store.tree_of(commit), "dirty": False})
    if spec.base is not None and store.tree_of(store.resolve(spec.base)) != base.tree:
        raise UsageError(
            "a patch that is to be delivered is judged against what it is put on, and base and head differ",
            hint="name the same revision as base and head",
        )
    head = put_on(store, base.tree, spec.patch)
    if head == base.tree:
        raise UsageError("the patch changes nothing, so there is nothing to deliver")
    return SnapshotTaken(snapshot=base, head_tree=head)


def make_patch(state: TaskState, context: Context) -> EditsApplied:
    """Return what goes to the user: the change from the base to the tree that is judged."""
    assert state.snapshot is not None and state.head_tree is not None
    return EditsApplied(patch=context.store.diff(state.snapshot.tree, state.head_tree))


def proof(state: TaskState, context: Context) -> Proof | None:
    """Return what the task named by `proven_by` measured on these very trees; None when it did not."""
    spec = state.spec
    if spec is None or spec.proven_by is None or state.snapshot is None:
        return None
    other = context.hold.recall(spec.proven_by)
    if other is None or other.snapshot is None or other.snapshot.tree != state.snapshot.tree:
        return None
    verdict = _verdict_on(other, state.head_tree)
    if verdict is None or other.sandbox is None or not _same_check(spec, other):
        return None
    baseline = BaselineMeasured(
        checks=other.checks, environment=other.environment, sandbox=other.sandbox, runs=()
    )
    note = f"taken from task {other.task_id}, which measured this change of these very files"
    return Proof(verdict.model_copy(update={"notes": (*verdict.notes, note)}), baseline)


def _verdict_on(other: TaskState, tree: str | None) -> Verdict | None:
    found = (other.verdict, *(one.verdict for one in other.rounds))
    fitting = (one for one in found if one is not None and one.tree == tree and one.scope is Scope.FULL)
    return next(fitting, None)


def _same_check(spec: TaskSpec, other: TaskState) -> bool:
    """Say whether the other task ran what this one asks for; one that names no command takes any."""
    return spec.command is None or (other.spec is not None and other.spec.command == spec.command)
