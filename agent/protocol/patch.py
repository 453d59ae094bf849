"""A change as git sees it, and the snapshot it starts from."""

from agent.protocol.value import Value


class Snapshot(Value):
    """The base of a task: HEAD, or a commit of ours made of the dirty tree."""

    head: str
    """Commit id of the user's HEAD."""
    commit: str
    """Commit id of the base; equals `head` when the tree was clean."""
    tree: str
    dirty: bool = False
    branch: str | None = None
    """The user's current branch, None when detached."""
    warnings: tuple[str, ...] = ()


class Patch(Value):
    """A git diff from `base` to `tree`; files that are not UTF-8 are encoded as git binary patches."""

    base: str
    """Tree id the diff starts from."""
    tree: str
    """Tree id the diff leads to."""
    diff: str
    files: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """True when nothing changes."""
        return self.base == self.tree
