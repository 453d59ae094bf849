"""A proven patch as a branch of the user's repository: objects first, then one ref update."""

import re
import time
from collections.abc import Callable
from dataclasses import replace

from agent.protocol.errors import DeliveryRefused, RepositoryError
from agent.protocol.patch import Patch, Snapshot
from agent.repo.git_commit import NewCommit, store_commit
from agent.repo.identity import author, committer
from agent.repo.objects import user_objects
from agent.repo.stale_locks import outlast
from agent.repo.store import Store

TRAILER = "Ratchet-Task"
_NO_REF = "0" * 40
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_TRIES = 1000


def deliver(
    store: Store,
    snapshot: Snapshot,
    patch: Patch,
    *,
    branch: str,
    message: str,
    task_id: str,
    seconds: int | None = None,
    fence: Callable[[], None] = lambda: None,
) -> str:
    """Create the branch with one commit of the patch on the snapshot, and return the commit's id.

    A dirty snapshot is a commit of its own below it, so that the fix stays a commit of its own.
    The user's HEAD, index and files stay as they are. The same task's branch is delivered once.
    `seconds` since the epoch date the commit, None means now; `fence` is called right before the
    branch comes to be. Raises DeliveryRefused when the branch exists, is checked out, or its name
    is not allowed.
    """
    _refuse_bad_name(store, branch)
    known = find_delivered(store, snapshot, patch, branch=branch, task_id=task_id)
    if known is not None:
        return known
    # Also a branch without a commit can be checked out.
    check_new_branch(store, branch)
    date = int(time.time()) if seconds is None else seconds
    commit = _commit(store, snapshot, patch, f"{clean_message(message)}\n\n{TRAILER}: {task_id}\n", date)
    _send_objects(store, commit, snapshot.head)
    _create_ref(store, branch, commit, task_id, fence)
    return commit


def find_delivered(
    store: Store, snapshot: Snapshot, patch: Patch, *, branch: str, task_id: str
) -> str | None:
    """Return the commit by which a task delivered its patch, wherever its branch stands by now."""
    if _tip(store, branch) is None:
        return None
    wanted = f"{patch.tree} {snapshot.commit}"
    arguments = (
        "log",
        "-z",
        "--format=%H %T %P%n%(trailers:only)",
        f"refs/heads/{branch}",
        "--not",
        snapshot.head,
    )
    for shown in store.objects.view.text(*arguments).split("\0"):
        first, _, trailers = shown.partition("\n")
        commit, _, content = first.partition(" ")
        if content == wanted and f"{TRAILER}: {task_id}" in trailers.splitlines():
            return commit
    return None


def free_branch(store: Store, wanted: str) -> str:
    """Return the wanted branch name, with the first free `-2`, `-3`, … when it is taken."""
    check_branch_name(store, wanted)
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, _TRIES))
    for name in names:
        if _tip(store, name) is None:
            return name
    raise DeliveryRefused(f"no free branch name like {wanted!r}", hint="delete some, or name one")


def check_branch_name(store: Store, branch: str) -> None:
    """Raise DeliveryRefused unless git allows the name and no worktree has it checked out."""
    _refuse_bad_name(store, branch)
    if branch in store.objects.source.checked_out():
        raise DeliveryRefused(f"branch {branch!r} is checked out", hint="choose another with --branch")


def check_new_branch(store: Store, branch: str) -> None:
    """Raise DeliveryRefused unless the branch can be created, so that no work is done in vain."""
    check_branch_name(store, branch)
    if _tip(store, branch) is not None:
        raise DeliveryRefused(f"branch {branch!r} exists already", hint="choose another with --branch")


def clean_message(message: str) -> str:
    """Return a commit message without control characters and trailing spaces."""
    lines = (_UNPRINTABLE.sub("", line).rstrip() for line in message.replace("\r\n", "\n").split("\n"))
    return "\n".join(lines).strip() or "Fix"


def _refuse_bad_name(store: Store, branch: str) -> None:
    good = not branch.startswith("-") and branch.isprintable() and branch != "HEAD"
    if not good or not store.objects.view.succeeds("check-ref-format", f"refs/heads/{branch}"):
        raise DeliveryRefused(f"{branch!r} is not a branch name", hint="see `git help check-ref-format`")


def _tip(store: Store, branch: str) -> str | None:
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/heads/{branch}")
    code, out = store.objects.view.outcome(*arguments, ok=(0, 1, 128))
    return out.decode("ascii").strip() if code == 0 else None


def _commit(store: Store, snapshot: Snapshot, patch: Patch, message: str, seconds: int) -> str:
    config = store.objects.config
    new = NewCommit(
        tree=patch.tree,
        parents=[snapshot.commit],
        message=message,
        author=author(config),
        committer=committer(config),
        seconds=seconds,
    )
    return store_commit(store.objects.ours.git_dir, new)


def _send_objects(store: Store, commit: str, head: str) -> None:
    wanted = f"{commit}\n^{head}\n".encode("ascii")
    pack = store.objects.ours.run("pack-objects", "--revs", "--stdout", "-q", stdin=wanted)
    try:
        user_objects(store.objects).run("unpack-objects", "-q", stdin=pack)
    except RepositoryError as error:
        raise DeliveryRefused(
            "the commit cannot be written into the repository",
            hint="see that its .git/objects is writable and the disk is not full",
            log=error.log,
        ) from error


def _create_ref(store: Store, branch: str, commit: str, task_id: str, fence: Callable[[], None]) -> None:
    who = committer(store.objects.config)
    names = {"GIT_COMMITTER_NAME": who.name, "GIT_COMMITTER_EMAIL": who.email}
    git = replace(user_objects(store.objects), variables=names)
    # A killed delivery of this very branch may have left its lock; nobody else makes this branch.
    outlast([store.objects.source.common_dir / "refs" / "heads" / f"{branch}.lock"])
    fence()
    arguments = ("update-ref", "--no-deref", "-m", f"ratchet: {task_id}", f"refs/heads/{branch}")
    try:
        git.run(*arguments, commit, _NO_REF)
    except RepositoryError as error:
        raise DeliveryRefused(
            f"branch {branch!r} cannot be created", hint="choose another with --branch", log=error.log
        ) from error
