"""Makes again what the events of a task name, where our copy of the repository does not have it."""

from agent.protocol.errors import RepositoryError
from agent.protocol.patch import Snapshot
from agent.protocol.state import TaskState
from agent.repo.store import Store
from agent.tasks.admission.asking import asked
from agent.tasks.admission.commits import bring_again
from agent.tasks.context import Context
from agent.tasks.stages import turns
from agent.tasks.take_snapshot import snapshot_of

_GONE = "the uncommitted changes that this task began with are no longer there"
_AGAIN = "`ratchet tasks retry` begins again with the files as they are now"


def restore(state: TaskState, context: Context) -> None:
    """See to it that the task's trees can be read; raises RepositoryError when they cannot be made again.

    Our copy is a cache: it can be purged, and another daemon of this machine may have begun the task.
    So is the mirror of a forge's repository.
    """
    asked(context, lambda: bring_again(state, context))
    if state.snapshot is None:
        return
    store = context.store
    _restore_base(store, state.snapshot)
    if state.head_tree is not None and not _has(store, state.head_tree):
        _expect(state.head_tree, snapshot_of(context.spec, store).head_tree)
    if state.patch is not None and state.proposal is not None and not _has(store, state.patch.tree):
        _expect(state.patch.tree, store.apply(state.snapshot.tree, state.proposal.edits))
    taken = turns(state)
    if taken and taken[-1].tree and not _has(store, taken[-1].tree):
        raise RepositoryError("what the model had changed so far is no longer there", hint=_AGAIN)


def _restore_base(store: Store, snapshot: Snapshot) -> None:
    try:
        store.resolve(snapshot.commit)
    except RepositoryError:
        # A commit of ours that was delivered nowhere yet: the same files give the same commit.
        _expect(snapshot.commit, store.snapshot().commit)


def _has(store: Store, tree: str) -> bool:
    return store.objects.ours.succeeds("cat-file", "-e", tree)


def _expect(wanted: str, made: str | None) -> None:
    if made != wanted:
        raise RepositoryError(_GONE, hint=_AGAIN)
