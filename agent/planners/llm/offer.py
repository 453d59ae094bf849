"""What the working tree of a model came to, as a proposal: one splice a changed file."""

from agent.protocol.edit import Create, Delete, Edit, Splice
from agent.protocol.proposal import Proposal
from agent.repo.store import Store
from agent.repo.tree import EXECUTABLE

_RATIONALE = 600


def offer(store: Store, base: str, tree: str, *, planner: str, said: str) -> Proposal:
    """Return the difference of two trees as a proposal; `said` is the model's last word about it."""
    rationale = " ".join(said.split())[:_RATIONALE]
    return Proposal(planner=planner, edits=edits_between(store, base, tree), rationale=rationale)


def edits_between(store: Store, base: str, tree: str) -> tuple[Edit, ...]:
    """Return edits that make `tree` of `base`."""
    before, after = store.list(base), store.list(tree)
    return tuple(
        _edit(
            path,
            store.read(base, path) if path in before else None,
            store.read(tree, path) if path in after else None,
            executable=path in after and after[path].mode == EXECUTABLE,
        )
        for path in store.changed(base, tree)
    )


def _edit(path: str, old: bytes | None, new: bytes | None, *, executable: bool) -> Edit:
    if old is None:
        assert new is not None
        return Create(path=path, content=new, executable=executable)
    if new is None:
        return Delete(path=path, old=old)
    start = _shared(old, new)
    most = min(len(old), len(new)) - start
    end = _shared(old[::-1][:most], new[::-1][:most])
    return Splice(path=path, start=start, old=old[start : len(old) - end], new=new[start : len(new) - end])


def _shared(one: bytes, other: bytes) -> int:
    """Return how many bytes two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
