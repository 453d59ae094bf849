"""The door to the index of one repository: bring a snapshot up to date, then ask it."""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from agent.index.blobs import Blobs
from agent.index.build import Builder, OnProgress, key_of, silent
from agent.index.collect import collect_unused
from agent.index.crew import SECONDS
from agent.index.database import discard, locked, open_database
from agent.index.errors import IndexDamaged
from agent.index.ignore import IGNORE_FILE, Ignored
from agent.index.listing import Listing, hashed, list_revision, list_tree_object, list_working_tree
from agent.index.reader import Reader
from agent.index.roster import roster, with_changed
from agent.index.snapshot import SnapshotView
from agent.index.snapshots import is_remembered
from agent.index.status import count
from agent.protocol.index import IndexStatus
from agent.repo.store import Store

FILE = "index.db"
_KEPT = 4
_NEVER: tuple[float, SnapshotView | None] = (0.0, None)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Listed:
    """The files of a snapshot as they were at a time of the monotonic clock."""

    at: float
    is_working_tree: bool
    listing: Listing


class CodeIndex:
    """One repository's index; a context manager. All its snapshots share what is known of a blob.

    Everything raises IndexUnavailable, as do the views. A view that meets damage raises IndexDamaged, and the
    next one given is of an index built anew. One thread at a time.
    """

    def __init__(self, store: Store, *, seconds: float = SECONDS) -> None:
        self._store = store
        self._seconds = seconds
        self._newest: tuple[float, SnapshotView | None] = _NEVER
        self.file: Path = store.objects.home / FILE
        self._open()

    def __enter__(self) -> "CodeIndex":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker and close the file; remove it when it proved damaged."""
        self._builder.close()
        self._database.close()
        if self._database.damaged:
            with locked(self.file):
                # Another process may have been faster, and its file is sound.
                if self._identity() == self._opened:
                    discard(self.file)

    def view(self, revision: str | None = None, on_progress: OnProgress = silent) -> SnapshotView:
        """Return a revision, or the working tree as it is now, with everything new in it indexed."""
        return self.view_of(self.listed(revision), on_progress)

    def listed(self, revision: str | None = None) -> Listed:
        """Return which files a revision, or the working tree, has; asks git alone, in any thread."""
        made = time.monotonic()
        return Listed(made, revision is None, self._listing(revision))

    def view_of(self, listed: Listed, on_progress: OnProgress = silent) -> SnapshotView:
        """Return what was listed, with everything new in it indexed."""
        view = self._repaired(lambda: self._view(listed.listing, on_progress))
        if listed.is_working_tree:
            self._newest = listed.at, view
        return view

    def recent(self, age: float, on_progress: OnProgress = silent) -> SnapshotView:
        """Return the working tree as it was at most so many seconds ago; asks git for a newer one only."""
        made, view = self._newest
        if view is not None and time.monotonic() - made <= age and not self._database.damaged:
            return view
        return self.view(None, on_progress)

    def tree(self, tree: str, on_progress: OnProgress = silent) -> SnapshotView:
        """Return a tree of ours by its id, with everything new in it indexed."""
        listing = list_tree_object(self._store, tree)
        return self._repaired(lambda: self._view(listing, on_progress))

    def changed(self, view: SnapshotView, paths: Collection[str]) -> SnapshotView:
        """Return the working tree after some files changed, given how it was before; asks git nothing.

        Files that came, went or were skipped take a new `view`.
        """
        blobs = dict(view.listing.blobs)
        for path in paths:
            blob, _ = hashed(self._store, path)
            if not blob or path not in blobs or view.files()[path].skipped or path == IGNORE_FILE:
                return self.view()
            blobs[path] = blob
        listing = replace(view.listing, blobs=blobs)
        return self._repaired(lambda: self._changed(view, listing, paths))

    def status(self, revision: str | None = None) -> IndexStatus:
        """Return what is known of a revision or the working tree; indexes nothing."""
        listing = self._listing(revision)
        return self._repaired(lambda: self._status(listing))

    @property
    def problem(self) -> str:
        """Why not everything could be indexed, e.g. a full disk; "" when it could."""
        return self._builder.problem

    def collect(self) -> int:
        """Drop blobs that no remembered snapshot uses, when they are many; returns how many went."""
        return self._repaired(lambda: collect_unused(self._database, self.file))

    def _open(self) -> None:
        self._database = open_database(self.file)
        self._opened = self._identity()
        self._views: OrderedDict[tuple[str, bool], SnapshotView] = OrderedDict()
        self._newest = _NEVER
        self._builder = Builder(self._database, self.file, self._seconds)
        self._reader = Reader(self._database)

    def _repaired(self, action: Callable[[], T]) -> T:
        """Do something; when the file proves damaged, start it anew and do it once more."""
        if self._database.damaged or self._identity() != self._opened:
            self._renew()
        try:
            return action()
        except IndexDamaged:
            self._renew()
            return action()

    def _renew(self) -> None:
        """Open the file again, or a new one."""
        self.close()
        self._open()

    def _identity(self) -> tuple[int, int]:
        try:
            found = self.file.stat()
        except FileNotFoundError:
            return (0, 0)
        return (found.st_dev, found.st_ino)

    def _listing(self, revision: str | None) -> Listing:
        return list_revision(self._store, revision) if revision else list_working_tree(self._store)

    def _left_out(self, listing: Listing) -> dict[str, str]:
        blobs = Blobs(self._store, listing)
        rules = blobs.present([IGNORE_FILE]).get(IGNORE_FILE, b"")
        return {**Ignored(rules).reasons(listing.blobs), **listing.skipped}

    def _view(self, listing: Listing, on_progress: OnProgress) -> SnapshotView:
        key = (listing.commit, listing.on_disk)
        known = self._views.pop(key, None)
        if known is None or known.listing != listing or not is_remembered(self._database, known.name):
            known = self._built(listing, on_progress)
        if not self.problem:
            self._views[key] = known
        while len(self._views) > _KEPT:
            self._views.popitem(last=False)
        return known

    def _built(self, listing: Listing, on_progress: OnProgress) -> SnapshotView:
        left_out, blobs = self._left_out(listing), Blobs(self._store, listing)
        files = roster(self._database, listing, left_out)
        if missing := {path: listing.blobs[path] for path in files.missing()}:
            self._builder.build(missing, blobs, on_progress)
            files = roster(self._database, listing, left_out)
        view = SnapshotView(self._reader, listing, blobs, files)
        view.remember()
        return view

    def _changed(self, view: SnapshotView, listing: Listing, paths: Iterable[str]) -> SnapshotView:
        blobs = Blobs(self._store, listing)
        self._builder.build({path: listing.blobs[path] for path in paths}, blobs)
        changed = with_changed(view.roster, self._database, listing, paths)
        return SnapshotView(self._reader, listing, blobs, changed)

    def _status(self, listing: Listing) -> IndexStatus:
        left_out, known = self._left_out(listing), self._builder.known()
        numbers = {
            path: known.get(key_of(path, blob))
            for path, blob in listing.blobs.items()
            if path not in left_out
        }
        return count(self._database, self.file, listing.commit, numbers, left_out)
