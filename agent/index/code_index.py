"""The door to the index of one repository: bring a snapshot up to date, then ask it."""

from pathlib import Path

from agent.index.blobs import Blobs
from agent.index.build import Builder, OnProgress, silent
from agent.index.crew import SECONDS
from agent.index.database import open_database
from agent.index.ignore import IGNORE_FILE, Ignored
from agent.index.listing import Listing, list_revision, list_working_tree
from agent.index.snapshot import SnapshotView
from agent.repo.store import Store

FILE = "index.db"


class CodeIndex:
    """One repository's index; a context manager. All its snapshots share what is known of a blob."""

    def __init__(self, store: Store, *, seconds: float = SECONDS) -> None:
        self._store = store
        self._file: Path = store.objects.home / FILE
        self._database = open_database(self._file)
        self._builder = Builder(self._database, self._file, seconds)

    def __enter__(self) -> "CodeIndex":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker and close the file."""
        self._builder.close()
        self._database.close()

    def view(self, revision: str | None = None, on_progress: OnProgress = silent) -> SnapshotView:
        """Return a revision, or the working tree as it is now, with everything new in it indexed."""
        listing = list_revision(self._store, revision) if revision else list_working_tree(self._store)
        return self._view(listing, on_progress)

    def _view(self, listing: Listing, on_progress: OnProgress) -> SnapshotView:
        blobs = Blobs(self._store, listing)
        rules = blobs.read([IGNORE_FILE])[IGNORE_FILE] if IGNORE_FILE in listing.blobs else b""
        left_out = Ignored(rules).reasons(listing.blobs)
        files = {path: blob for path, blob in listing.blobs.items() if path not in left_out}
        self._builder.build(files, blobs, on_progress)
        return SnapshotView(self._database, listing, blobs, {**listing.skipped, **left_out})
