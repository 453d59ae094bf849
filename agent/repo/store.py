"""The user's repository for everybody else: snapshots, trees, edits and diffs, all in objects of ours."""

import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from agent.protocol.edit import Edit
from agent.protocol.errors import RepositoryError
from agent.protocol.patch import Patch, Snapshot
from agent.repo.diff import changed_entries, changed_paths, diff_trees, shown_path
from agent.repo.edits import changes_of
from agent.repo.objects import Objects, open_objects
from agent.repo.patched import patched
from agent.repo.snapshot import head_commit, take_snapshot
from agent.repo.source import find_source
from agent.repo.tree import (
    Changes,
    Entry,
    find_entry,
    list_tree,
    object_sizes,
    read_blobs,
    write_blob,
    write_tree,
)
from agent.repo.version import describe

_COMMIT_ID = re.compile(r"^[0-9a-f]{40}$")
_KEPT_LISTINGS = 16


class Store:
    """One repository of the user's, mirrored into one of ours; every id given out can be read here."""

    def __init__(self, objects: Objects) -> None:
        self.objects = objects
        self._listings: dict[str, dict[str, Entry]] = {}

    @classmethod
    def open(cls, directory: Path, state: Path, interrupt: threading.Event | None = None) -> "Store":
        """Open the repository around a directory; raises RepositoryError with a hint.

        Once `interrupt` is set, waiting for other processes raises Interrupted.
        """
        objects = open_objects(find_source(directory), state, interrupt)
        head_commit(objects)
        return cls(objects)

    @property
    def root(self) -> Path:
        """Return the top level of the user's working tree."""
        return self.objects.source.root

    @property
    def trust(self) -> str:
        """Return the stable id of this checkout."""
        return self.objects.home.name

    def snapshot(self, clean: bool = False) -> Snapshot:
        """Fix the base: HEAD, or a commit of the working tree when it differs and `clean` is off."""
        return take_snapshot(self.objects, clean)

    def resolve(self, revision: str) -> str:
        """Return the commit id of a revision, its objects fetched; raises RepositoryError."""
        if _COMMIT_ID.match(revision) and self.objects.has(revision):
            return revision
        self.objects.refresh()
        named = self._parse(revision) if "\0" not in revision else ""
        commit = self._parse(f"{named}^{{commit}}") if named else ""
        if not commit:
            raise RepositoryError(
                f"{shown_path(revision)!r} is not a commit of {self.root}", hint=self._where_commits_went()
            )
        if not self.objects.has(commit):
            self.objects.fetch(commit)
        return commit

    def tree_of(self, commit: str) -> str:
        """Return the tree id of a commit."""
        return self.objects.ours.text("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")

    def merge_base(self, first: str, second: str) -> str:
        """Return the best common ancestor of two commits; raises RepositoryError when there is none."""
        code, out = self.objects.ours.outcome("merge-base", first, second, ok=(0, 1))
        if code != 0:
            raise RepositoryError("the two commits have no common history", hint=self._where_commits_went())
        return out.decode("ascii").split()[0]

    def list(self, tree: str) -> dict[str, Entry]:
        """Return every path of a tree with its mode and blob; do not change the dictionary."""
        if tree not in self._listings:
            self._remember(tree, list_tree(self.objects.ours, tree))
        return self._listings[tree]

    def entry(self, tree: str, path: str) -> Entry | None:
        """Return what one path of a tree is, without listing all of it; None where there is nothing."""
        return find_entry(self.objects.ours, tree, path)

    def read(self, tree: str, path: str) -> bytes:
        """Return a file's bytes (a link's target); raises RepositoryError when there is none."""
        entry = self.list(tree).get(path)
        if entry is None:
            raise RepositoryError(f"{path} is not in the tree")
        return self.read_blobs([entry.blob])[entry.blob]

    def read_blobs(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return the contents of blobs by id, read in one go."""
        return read_blobs(self.objects.ours, blobs)

    def keep(self, content: bytes) -> str:
        """Store bytes that belong to no tree; returns their blob id."""
        return write_blob(self.objects.ours, content)

    def recall(self, blob: str) -> bytes:
        """Return a blob by the beginning of its id; raises RepositoryError unless that means just one."""
        return next(iter(read_blobs(self.objects.ours, [blob]).values()))

    def write(self, tree: str, changes: Changes) -> str:
        """Return the tree with paths set (bytes keep the old mode) or removed (None)."""
        return write_tree(self.objects.ours, self.list(tree), changes)

    def apply(self, tree: str, edits: Sequence[Edit], known: Mapping[str, bytes] | None = None) -> str:
        """Return the tree with all edits applied; raises PatchRefused when one does not fit.

        `known` are blobs by id whose bytes need not be read again.
        """
        entries = self.list(tree)
        changes = changes_of(self.objects.ours, entries, edits, known or {})
        made = write_tree(self.objects.ours, entries, changes)
        after = {**entries, **changes}
        listed = [(path, entry) for path, entry in after.items() if entry is not None]
        if not changes.keys() <= entries.keys():
            listed.sort(key=lambda one: os.fsencode(one[0]))
        self._remember(made, dict(listed))
        return made

    def patched(self, tree: str, diff: str) -> str:
        """Return the tree with a unified diff put on it as `git apply` does; raises PatchRefused."""
        return patched(self.objects.ours, tree, diff)

    def changed(self, old: str, new: str) -> tuple[str, ...]:
        """Return the paths in which two trees differ."""
        return changed_paths(self.objects.ours, old, new)

    def changed_entries(self, old: str, new: str) -> dict[str, tuple[Entry | None, Entry | None]]:
        """Return what each path in which two trees differ is in either, None where it is not there."""
        return changed_entries(self.objects.ours, old, new)

    def sizes(self, ids: Iterable[str]) -> dict[str, int | None]:
        """Return the bytes of objects by id, None for one that is not there."""
        return object_sizes(self.objects.ours, ids)

    def diff(self, old: str, new: str) -> Patch:
        """Return the patch from one tree to another."""
        return diff_trees(self.objects.ours, self.objects.binary, old, new)

    def archive(self, tree: str) -> Iterator[bytes]:
        """Yield an uncompressed tar of the tree as a checkout would show it, without running filters."""
        return self.objects.ours.stream("archive", "--format=tar", tree)

    def describe(self, commit: str) -> str:
        """Return the PEP 440 version that the tags give a commit, empty when none does."""
        return describe(self.objects.ours, commit)

    def _remember(self, tree: str, listing: dict[str, Entry]) -> None:
        kept = list(self._listings.items())[-_KEPT_LISTINGS:]
        self._listings = {**dict(kept), tree: listing}

    def _parse(self, revision: str) -> str:
        arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision)
        code, out = self.objects.view.outcome(*arguments, ok=(0, 1, 128))
        return out.decode("ascii").strip() if code == 0 else ""

    def _where_commits_went(self) -> str:
        if self.objects.source.shallow:
            return "this is a shallow clone: run `git fetch --unshallow`, or fetch with a larger depth"
        return "see `git log --all` for what there is"
