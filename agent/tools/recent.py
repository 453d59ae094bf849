"""Blobs that were read lately, since a model reads a file, edits it and reads it again."""

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping

from agent.index.parsing import read_held
from agent.repo.store import Store

_MOST_BYTES = 32 << 20
_LARGEST = 4 << 20


class RecentBlobs:
    """The bytes of blobs by id, up to a size in all; content never changes under an id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def read(self, store: Store, wanted: Mapping[str, str]) -> dict[str, bytes]:
        """Return the bytes of paths whose blobs are given; raises RepositoryError when one is missing."""
        with self._lock:
            found = {blob: self._known[blob] for blob in wanted.values() if blob in self._known}
        found |= _held(store, {path: blob for path, blob in wanted.items() if blob not in found})
        found |= store.read_blobs(set(wanted.values()) - found.keys())
        self.keep(found)
        return {path: found[blob] for path, blob in wanted.items()}

    def keep(self, contents: Mapping[str, bytes]) -> None:
        """Remember blobs, those used longest ago are forgotten."""
        with self._lock:
            for blob, content in contents.items():
                self._keep(blob, content)

    def _keep(self, blob: str, content: bytes) -> None:
        if blob in self._known:
            self._known.move_to_end(blob)
        elif len(content) <= _LARGEST:
            self._known[blob] = content
            self._size += len(content)
            while self._size > _MOST_BYTES:
                self._size -= len(self._known.popitem(last=False)[1])


def _held(store: Store, wanted: Mapping[str, str]) -> dict[str, bytes]:
    """Return the blobs that the working tree of the user holds: git would be a process to start."""
    root = os.fspath(store.root)
    contents = ((blob, read_held(f"{root}/{path}", blob)) for path, blob in wanted.items())
    return {blob: content for blob, content in contents if content is not None}


RECENT = RecentBlobs()
