"""The bytes of a snapshot: from the working tree where it holds just them, else from git's objects."""

import os
from collections.abc import Iterable, Sequence

from agent.index.listing import Listing
from agent.index.parsing import read_held
from agent.protocol.errors import RepositoryError
from agent.repo.store import Store
from agent.repo.tree import read_blobs


class Blobs:
    """Reads files of one snapshot."""

    def __init__(self, store: Store, listing: Listing) -> None:
        self._listing = listing
        self._root = os.fspath(store.root)
        self._git = listing.git

    @property
    def on_disk(self) -> bool:
        """Return whether the working tree holds the bytes."""
        return self._listing.on_disk

    def place(self, path: str) -> str:
        """Return where the working tree keeps a path, "" when this snapshot is not the working tree."""
        return f"{self._root}/{path}" if self._listing.on_disk else ""

    def read(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of paths; raises RepositoryError when some are not there any more."""
        found = self.present(paths)
        if missing := [path for path in paths if path not in found]:
            raise RepositoryError(f"{missing[0]} is not in the snapshot, or has changed since")
        return found

    def present(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of those paths that can be read."""
        blobs = self._listing.blobs
        found = {path: content for path in paths if (content := self._on_disk(path)) is not None}
        wanted = {blobs[path] for path in paths if path in blobs and path not in found}
        stored = self.stored(wanted)
        return found | {path: stored[blobs[path]] for path in paths if blobs.get(path) in stored}

    def stored(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return blobs from git's objects, those it lacks left out."""
        wanted = list(blobs)
        try:
            return read_blobs(self._git, wanted)
        except RepositoryError:
            if len(wanted) < 2:
                return {}
        half = len(wanted) // 2
        return {**self.stored(wanted[:half]), **self.stored(wanted[half:])}

    def sizes(self, blobs: Sequence[str]) -> dict[str, int]:
        """Return the sizes of blobs in git's objects, those it lacks left out."""
        if not blobs:
            return {}
        asked = "".join(f"{blob}\n" for blob in blobs).encode("ascii")
        lines = (
            self._git.run("cat-file", "--batch-check", stdin=asked).decode("ascii", "replace").splitlines()
        )
        words = [line.split(" ") for line in lines]
        return {word[0]: int(word[2]) for word in words if len(word) == 3}

    def _on_disk(self, path: str) -> bytes | None:
        blob = self._listing.blobs.get(path)
        # Most files of a revision, too, are in the working tree as they were, and git is a process to start.
        return read_held(f"{self._root}/{path}", blob) if blob else None
