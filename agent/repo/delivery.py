"""Where a proven patch goes: a branch, the working tree, and back out of it."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.patches.paths import path_fault
from agent.protocol.errors import DeliveryRefused
from agent.protocol.patch import Patch, Snapshot
from agent.repo import journal
from agent.repo.branch import check_branch_name, deliver, free_branch
from agent.repo.checkout import Content, read_file, replace_file, tidy
from agent.repo.journal import Replacement
from agent.repo.merge import merge_trees
from agent.repo.store import Store
from agent.repo.tree import EXECUTABLE, Entry
from agent.repo.working_tree import as_checked_out, behind_filters

__all__ = [
    "Applied",
    "ApplyPlan",
    "Undone",
    "apply_to_checkout",
    "check_branch_name",
    "deliver",
    "find_applied",
    "free_branch",
    "plan_apply",
    "resume_apply",
    "undo",
    "write_plan",
]


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    """What applying would do; `tree` has to be verified again unless `exact`."""

    tree: str
    """Tree of the working tree afterwards."""
    exact: bool
    """The tree is the proven one."""
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """What was written into the working tree."""

    tree: str
    exact: bool
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Undone:
    """The files that are again as they were before a task's patch was applied."""

    task_id: str
    files: tuple[str, ...]


def plan_apply(store: Store, snapshot: Snapshot, patch: Patch) -> ApplyPlan:
    """Merge the patch into the working tree as it is now, without writing; raises DeliveryRefused."""
    # Read first: whatever changes after this moment is found out when the file is written.
    seen = {path: _readable(store, path) for path in store.changed(snapshot.tree, patch.tree)}
    now = store.snapshot()
    merged = merge_trees(store, snapshot.tree, now.tree, patch.tree)
    if merged.conflicts:
        raise DeliveryRefused(
            f"your changes meanwhile conflict with the patch in {', '.join(merged.conflicts)}",
            hint="take the patch from its branch instead: `git merge` or `git cherry-pick`",
        )
    changed = store.changed(now.tree, merged.tree)
    wanted = _wanted(store, merged.tree, changed, seen)
    replacements = tuple(Replacement(path, seen[path], wanted[path]) for path in changed)
    _refuse_hidden(store, now.tree, replacements)
    return ApplyPlan(merged.tree, merged.tree == patch.tree, replacements)


def write_plan(
    store: Store, plan: ApplyPlan, *, task_id: str, fence: Callable[[], None] = lambda: None
) -> Applied:
    """Write the planned files, all or none; raises DeliveryRefused when one changed since the plan.

    `fence` is called when nothing but the writing is left to do.
    """
    if plan.replacements:
        with store.objects.locked():
            fence()
            entry = journal.record(store, task_id, plan.replacements)
            try:
                _replace_all(store, plan.replacements)
            finally:
                # The entry goes when nothing of ours is left: everything was rolled back.
                if not any(_is_ours(store, item) for item in plan.replacements):
                    entry.unlink()
    return Applied(plan.tree, plan.exact, tuple(item.path for item in plan.replacements))


def apply_to_checkout(store: Store, snapshot: Snapshot, patch: Patch, *, task_id: str) -> Applied:
    """Plan and write at once, for callers that need not verify in between."""
    return write_plan(store, plan_apply(store, snapshot, patch), task_id=task_id)


def find_applied(store: Store, task_id: str) -> tuple[str, ...] | None:
    """Return the files that a task's apply replaced, None unless it went through."""
    entry = journal.of_task(store, task_id)
    if entry is None or not all(_is_ours(store, item) for item in entry.replacements):
        return None
    return tuple(item.path for item in entry.replacements)


def resume_apply(
    store: Store, task_id: str, *, fence: Callable[[], None] = lambda: None
) -> tuple[str, ...] | None:
    """Return the files of a task's apply that went through; else take back what a killed one got done.

    Files that somebody changed since then stay as they are.
    """
    with store.objects.locked():
        entry = journal.of_task(store, task_id)
        if entry is None:
            return None
        fence()
        ours = [item for item in entry.replacements if _is_ours(store, item)]
        if len(ours) == len(entry.replacements):
            return tuple(item.path for item in ours)
        for item in entry.replacements:
            tidy(store.root, item.path)
        _replace_all(store, [Replacement(item.path, item.after, item.before) for item in ours])
        entry.file.unlink()
    return None


def undo(store: Store) -> Undone:
    """Bring back what the last apply replaced; raises DeliveryRefused when a file changed since."""
    with store.objects.locked():
        entry = journal.last(store)
        present = {item.path: read_file(store.root, item.path) for item in entry.replacements}
        # After a crash in the middle of an apply some files are still as they were.
        pending = [item for item in entry.replacements if present[item.path] != item.before]
        changed = [item.path for item in pending if present[item.path] != item.after]
        if changed:
            raise DeliveryRefused(
                f"changed since the patch was applied: {', '.join(changed)}",
                hint="revert the patch by hand, e.g. with `git apply -R`",
            )
        for item in entry.replacements:
            tidy(store.root, item.path)
        _replace_all(store, [Replacement(item.path, item.after, item.before) for item in pending])
        entry.file.unlink()
    return Undone(entry.task_id, tuple(item.path for item in entry.replacements))


def _readable(store: Store, path: str) -> Content | None:
    fault = path_fault(path)
    if fault:
        raise DeliveryRefused(f"{path!r} cannot be applied: {fault}")
    return read_file(store.root, path)


def _wanted(
    store: Store, tree: str, changed: Sequence[str], seen: dict[str, Content | None]
) -> dict[str, Content | None]:
    entries = {path: store.list(tree)[path] for path in changed if path in store.list(tree)}
    odd = [path for path, entry in entries.items() if not entry.is_file]
    odd += behind_filters(store.objects, changed)
    if odd:
        raise DeliveryRefused(
            f"links, submodules and files behind a filter are not applied: {', '.join(sorted(odd))}",
            hint="take the patch from its branch instead",
        )
    contents = as_checked_out(store.objects, {path: entry.blob for path, entry in entries.items()})
    wanted: dict[str, Content | None] = dict.fromkeys(changed)
    for path, entry in entries.items():
        wanted[path] = Content(contents[path], _mode(entry, seen[path]))
    return wanted


def _mode(entry: Entry, present: Content | None) -> int:
    executable = entry.mode == EXECUTABLE
    if present is None:
        umask = os.umask(0o077)
        os.umask(umask)
        return (0o777 if executable else 0o666) & ~umask
    readers = (present.mode & 0o444) >> 2
    return present.mode | readers if executable else present.mode & ~0o111


def _refuse_hidden(store: Store, tree: str, replacements: Sequence[Replacement]) -> None:
    known = store.list(tree)
    hidden = [item.path for item in replacements if item.before is not None and item.path not in known]
    if hidden:
        raise DeliveryRefused(
            f"an ignored file is in the way: {', '.join(hidden)}", hint="move it away and run it again"
        )


def _is_ours(store: Store, item: Replacement) -> bool:
    try:
        return read_file(store.root, item.path) == item.after
    except DeliveryRefused:
        return False


def _replace_all(store: Store, replacements: Sequence[Replacement]) -> None:
    done: list[Replacement] = []
    try:
        for item in replacements:
            replace_file(store.root, item.path, item.before, item.after)
            done.append(item)
    except OSError as error:
        raise DeliveryRefused(f"the working tree cannot be written: {error.strerror}") from error
    finally:
        # Also when the user interrupts: a tree that is half patched helps nobody.
        if len(done) < len(replacements):
            for item in reversed(done):
                replace_file(store.root, item.path, item.after, item.before)
