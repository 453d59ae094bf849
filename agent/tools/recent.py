"""Blobs that were read lately, since a model reads a file, edits it and reads it again."""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from agent.repo.store import Store

_MOST_BYTES = 32 << 20
_LARGEST = 4 << 20


class RecentBlobs:
    """The bytes of blobs by id, up to a size in all; content never changes under an id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def read(self, store: Store, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return blobs, unknown ones read in one go; raises RepositoryError when one is missing."""
        wanted = set(blobs)
        with self._lock:
            found = {blob: self._known[blob] for blob in wanted if blob in self._known}
        fresh = store.read_blobs(wanted - found.keys())
        with self._lock:
            for blob, content in {**found, **fresh}.items():
                self._keep(blob, content)
        return {**found, **fresh}

    def _keep(self, blob: str, content: bytes) -> None:
        if blob in self._known:
            self._known.move_to_end(blob)
        elif len(content) <= _LARGEST:
            self._known[blob] = content
            self._size += len(content)
            while self._size > _MOST_BYTES:
                self._size -= len(self._known.popitem(last=False)[1])


RECENT = RecentBlobs()
