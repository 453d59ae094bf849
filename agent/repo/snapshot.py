"""The base of a task: HEAD, or a commit of ours made of the dirty working tree."""

from agent.protocol.errors import RepositoryError
from agent.protocol.patch import Snapshot
from agent.repo.git_commit import NewCommit, store_commit
from agent.repo.identity import author, committer
from agent.repo.objects import Objects
from agent.repo.working_tree import working_tree

MESSAGE = "Work in progress\n\nThe uncommitted changes that the next commit was made on top of.\n"


def take_snapshot(objects: Objects, clean: bool) -> Snapshot:
    """Return the snapshot; the same working tree on the same HEAD gives the same commit."""
    objects.refresh()
    head = head_commit(objects)
    objects.fetch()
    head_tree = objects.ours.text("rev-parse", f"{head}^{{tree}}")
    branch = objects.source.branch()
    warnings = tuple(
        f"the repository is in the middle of {what}: its files are taken as they are"
        for what in objects.source.in_progress()
    )
    if clean:
        return Snapshot(head=head, commit=head, tree=head_tree, branch=branch, warnings=warnings)
    tree, left_out = working_tree(objects, head)
    dirty = tree != head_tree
    commit = _commit(objects, head, tree) if dirty else head
    return Snapshot(
        head=head, commit=commit, tree=tree, dirty=dirty, branch=branch, warnings=warnings + left_out
    )


def head_commit(objects: Objects) -> str:
    """Return the commit that HEAD names; raises RepositoryError before the first commit."""
    code, out = objects.view.outcome("rev-parse", "--verify", "--quiet", "HEAD^{commit}", ok=(0, 1, 128))
    if code != 0:
        raise RepositoryError(
            "the current branch has no commit yet", hint="commit something first: `git commit`"
        )
    return out.decode("ascii").strip()


def _commit(objects: Objects, head: str, tree: str) -> str:
    seconds = int(objects.ours.text("show", "--no-patch", "--format=%ct", head))
    who, by = author(objects.config), committer(objects.config)
    return store_commit(objects.ours.git_dir, NewCommit(tree, [head], MESSAGE, who, by, seconds))
