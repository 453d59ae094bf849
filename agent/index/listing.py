"""Which paths a snapshot has, and the blob of each: of a revision, or of the working tree as it is now."""

import os
import shutil
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from agent.index.parsing import LARGEST, blob_id, read_file
from agent.index.refreshed import copy_index
from agent.repo.git import Git
from agent.repo.objects import Objects
from agent.repo.snapshot import head_commit
from agent.repo.store import Store
from agent.repo.tree import SUBMODULE, SYMLINK, Entry, list_tree, scratch_index

_NOT_FILES = {SUBMODULE: "submodule", SYMLINK: "symbolic link"}


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a snapshot, and why some of its paths are none."""

    commit: str
    """The commit itself, or the HEAD that the working tree is based on."""
    blobs: Mapping[str, str]
    skipped: Mapping[str, str]
    """Reason by path, e.g. "submodule"."""
    on_disk: bool
    """Whether the working tree holds the bytes."""
    git: Git
    """The repository that holds the objects."""


def list_revision(store: Store, revision: str) -> Listing:
    """Return the files of a revision; raises RepositoryError when there is no such commit."""
    # The user's objects are read where they are: a clone that lacks some of them cannot be fetched from.
    store.objects.refresh()
    for git in (store.objects.view, store.objects.ours):
        if commit := _commit(git, revision):
            return _listing(commit, list_tree(git, commit), on_disk=False, git=git)
    commit = store.resolve(revision)
    ours = store.objects.ours
    return _listing(commit, list_tree(ours, commit), on_disk=False, git=ours)


def list_tree_object(store: Store, tree: str) -> Listing:
    """Return the files of a tree of ours, which need not be of any commit; `commit` is the tree's id."""
    return _listing(tree, store.list(tree), on_disk=False, git=store.objects.ours)


def _commit(git: Git, revision: str) -> str:
    if "\0" in revision:
        return ""
    asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    code, out = git.outcome(*asked, ok=(0, 1, 128))
    return out.decode("ascii").strip() if code == 0 else ""


def list_working_tree(store: Store) -> Listing:
    """Return the tracked and the untracked, not ignored files with the bytes they have now."""
    objects = store.objects
    objects.refresh()
    with scratch_index(objects.ours) as index, ThreadPoolExecutor(4) as threads:
        git = objects.ours.on(store.root, index, _settings(objects))
        head = threads.submit(head_commit, objects)
        if (theirs := objects.source.git_dir / "index").exists():
            for shared in objects.source.git_dir.glob("sharedindex.*"):
                shutil.copy2(shared, objects.ours.git_dir / shared.name)
            copy_index(theirs, git)
        else:
            objects.view.on(store.root, index, _settings(objects)).run("read-tree", head.result())
        staged = threads.submit(_staged, git)
        changed = threads.submit(_changed, git)
        untracked = threads.submit(_untracked, objects, git)
        entries, unmerged = staged.result()
        dirty = [*changed.result(), *unmerged, *untracked.result()]
        commit = head.result()
    return _with_dirty(store, _listing(commit, entries, on_disk=True, git=objects.view), dirty)


def _listing(commit: str, entries: Mapping[str, Entry], *, on_disk: bool, git: Git) -> Listing:
    blobs = {path: entry.blob for path, entry in entries.items() if entry.is_file}
    skipped = {path: _NOT_FILES.get(e.mode, "not a file") for path, e in entries.items() if not e.is_file}
    return Listing(commit, blobs, skipped, on_disk, git)


def _with_dirty(store: Store, clean: Listing, dirty: Iterable[str]) -> Listing:
    blobs, skipped = dict(clean.blobs), dict(clean.skipped)
    for path in dirty:
        blobs.pop(path, None)
        skipped.pop(path, None)
        blob, reason = hashed(store, path)
        if blob:
            blobs[path] = blob
        elif reason:
            skipped[path] = reason
    return Listing(clean.commit, blobs, skipped, on_disk=True, git=clean.git)


def hashed(store: Store, path: str) -> tuple[str, str]:
    """Return the blob id of a file on disk, or why it has none; neither when there is no such path."""
    place = store.root / path
    if not os.path.lexists(place):
        return "", ""
    if place.is_symlink():
        return "", "symbolic link"
    if not place.is_file():
        return "", "" if place.is_dir() else "not a file"
    if place.stat().st_size > LARGEST:
        return "", "too large"
    content = read_file(str(place))
    return ("", "unreadable") if content is None else (blob_id(content), "")


def _settings(objects: Objects) -> dict[str, str]:
    ignore = {"core.excludesFile": str(objects.config.excludes_file())}
    return {**objects.ours.settings, **objects.config.harmless(), **ignore, "core.safecrlf": "false"}


def _staged(git: Git) -> tuple[dict[str, Entry], set[str]]:
    entries: dict[str, Entry] = {}
    unmerged = set()
    for record in git.run("ls-files", "--stage", "-z").split(b"\0")[:-1]:
        meta, _, name = record.partition(b"\t")
        mode, blob, stage = meta.decode("ascii").split(" ")
        if stage == "0":
            entries[os.fsdecode(name)] = Entry(mode, blob)
        else:
            unmerged.add(os.fsdecode(name))
    return entries, unmerged


def _changed(git: Git) -> list[str]:
    """Return the tracked paths whose files are not as the index of git has them; submodules left out."""
    listed = git.run("diff-files", "-z", "--name-only", "--no-renames", "--ignore-submodules=all")
    return [os.fsdecode(name) for name in listed.split(b"\0")[:-1]]


def _untracked(objects: Objects, git: Git) -> list[str]:
    excludes = ["--exclude-standard"]
    if (own := objects.source.common_dir / "info" / "exclude").is_file():
        excludes += ["--exclude-from", str(own)]
    if objects.home.is_relative_to(objects.source.root):
        excludes.append(f"--exclude=/{objects.home.relative_to(objects.source.root)}/")
    listed = git.run("ls-files", "-z", "--others", *excludes).split(b"\0")[:-1]
    return [name for name in map(os.fsdecode, listed) if not name.endswith("/")]
