"""The step that puts a proven patch where the user asked, each effect once whoever died in between."""

from collections.abc import Mapping
from typing import Any

from agent.engine.errors import StoreUnavailable
from agent.protocol.errors import DeliveryRefused, RatchetError
from agent.protocol.event import PatchDelivered
from agent.protocol.patch import Patch, Snapshot
from agent.protocol.progress import Progress
from agent.protocol.state import TaskState
from agent.protocol.task import TaskKind
from agent.repo.branch import find_delivered
from agent.repo.delivery import deliver, find_applied, plan_apply, resume_apply, write_plan
from agent.tasks.acceptance import proves
from agent.tasks.admission.asking import moved_to
from agent.tasks.branch_name import branch_name
from agent.tasks.commit_message import commit_message
from agent.tasks.context import Context
from agent.tasks.prove_step import judge_tree


def deliver_patch(state: TaskState, context: Context) -> PatchDelivered:
    """Make the branch, and with `apply` merge into the working tree; raises DeliveryRefused.

    A patch that was handed in gets a branch only when one was named.
    """
    context.on_progress(Progress(phase="deliver"))
    if context.spec.kind is TaskKind.VERIFY and context.spec.branch is None:
        return _applied_only(state, context)
    # Before the branch: what comes after it can no longer be interrupted.
    now = moved_to(state, context)
    delivered = PatchDelivered(**_once(state, context, _Branch(state, context)), moved_to=now)
    return _applied(state, context, delivered) if context.spec.apply else delivered


def _applied_only(state: TaskState, context: Context) -> PatchDelivered:
    try:
        _once(state, context, _Apply(state, context))
    except DeliveryRefused as refused:
        refused.hint = f"nothing was written; `ratchet tasks patch {context.task_id}` has the patch"
        raise
    return PatchDelivered(branch=None, commit="", applied=True)


def _applied(state: TaskState, context: Context, delivered: PatchDelivered) -> PatchDelivered:
    try:
        _once(state, context, _Apply(state, context))
    except StoreUnavailable:
        raise
    except RatchetError as error:
        if context.cancel.is_set() and not context.hold.cancelled():
            raise
        # The branch stands: what was proven is not lost because the checkout cannot take it.
        reason = "cancelled before it was applied" if context.cancel.is_set() else error.message
        return delivered.model_copy(update={"refused": reason, "hint": error.hint})
    return delivered.model_copy(update={"applied": True})


def _once(state: TaskState, context: Context, effect: "_Branch | _Apply") -> Mapping[str, Any]:
    attempt = str(state.attempt) if state.attempt > 1 else ""
    return context.hold.outbox.once(
        effect.kind, effect.payload, find=effect.find, act=effect.act, key=attempt
    )


class _Branch:
    """The branch with its commit, which is the same commit whenever it is made."""

    kind = "branch"

    def __init__(self, state: TaskState, context: Context) -> None:
        self._snapshot, self._patch = _facts(state)
        self._context = context
        self.payload: dict[str, Any] = {
            "branch": branch_name(state),
            "tree": self._patch.tree,
            "parent": self._snapshot.commit,
            "message": commit_message(state),
            "seconds": state.judged_at,
        }

    def find(self) -> Mapping[str, Any] | None:
        """Return the branch when this task made it before."""
        branch = self.payload["branch"]
        commit = find_delivered(
            self._context.store, self._snapshot, self._patch, branch=branch, task_id=self._context.task_id
        )
        return None if commit is None else {"branch": branch, "commit": commit}

    def act(self) -> Mapping[str, Any]:
        """Make the branch; raises DeliveryRefused."""
        commit = deliver(
            self._context.store,
            self._snapshot,
            self._patch,
            branch=self.payload["branch"],
            message=self.payload["message"],
            task_id=self._context.task_id,
            seconds=self.payload["seconds"],
            fence=self._context.hold.outbox.check_fence,
        )
        return {"branch": self.payload["branch"], "commit": commit}


class _Apply:
    """The patch in the working tree."""

    kind = "apply"

    def __init__(self, state: TaskState, context: Context) -> None:
        self._snapshot, self._patch = _facts(state)
        self._state = state
        self._context = context
        self.payload = {"tree": self._patch.tree, "repository": context.spec.repository}

    def find(self) -> Mapping[str, Any] | None:
        """Return the files when this task replaced them all before."""
        files = find_applied(self._context.store, self._context.task_id)
        return None if files is None else {"files": list(files)}

    def act(self) -> Mapping[str, Any]:
        """Merge the patch into the files as they are now; raises DeliveryRefused."""
        store, fence = self._context.store, self._context.hold.outbox.check_fence
        done = resume_apply(store, self._context.task_id, fence=fence)
        if done is not None:
            return {"files": list(done)}
        plan = plan_apply(store, self._snapshot, self._patch)
        if not plan.exact:
            # The checkout moved since the snapshot: the merged tree is another tree, unproven so far.
            self._prove(plan.tree)
        applied = write_plan(store, plan, task_id=self._context.task_id, fence=fence)
        return {"files": list(applied.files)}

    def _prove(self, tree: str) -> None:
        verdict = judge_tree(self._state, self._context, self._snapshot.tree, tree)
        if not proves(self._state, verdict):
            raise DeliveryRefused(
                "the working tree changed meanwhile and the merged result does not pass",
                hint="the proven patch is on its branch; merge it by hand",
            )


def _facts(state: TaskState) -> tuple[Snapshot, Patch]:
    assert state.snapshot is not None and state.patch is not None
    return state.snapshot, state.patch
