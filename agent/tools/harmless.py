"""Files in which there is nothing to take out: looked through once, which takes longest of showing them."""

import threading
from collections.abc import Iterator, Mapping
from functools import lru_cache

from agent.index.parsing import read_held
from agent.repo.store import Store
from agent.untrusted.guard import Guarded, guard

Secrets = tuple[str, ...]
_MOST = 100_000
_LARGEST = 256 << 10
"""Bytes of a file that is looked through ahead; a larger one would keep an answer waiting."""
_PREPARED = 64 << 20
"""Bytes that are looked through ahead in all, about two seconds of work."""


class HarmlessFiles:
    """Remembers by blob, path and known secrets; what a blob holds never changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: set[tuple[str, str, Secrets]] = set()

    def guarded(self, content: bytes, blob: str, path: str, secrets: Secrets) -> Guarded:
        """Return what `guard` returns for a file."""
        plain, key = Guarded(content.decode("utf-8", "replace")), (blob, path, secrets)
        if key in self._known:
            return plain
        found = shown(content, path, secrets)
        if found == plain:
            self._keep(key)
        return found

    def prepare(self, store: Store, files: Mapping[str, str], secrets: Secrets) -> Iterator[None]:
        """Look through the files of the user's working tree that hold the blob of their path, one a step."""
        left = _PREPARED
        for path, blob in files.items():
            content = read_held(f"{store.root}/{path}", blob)
            if content is not None and (left := left - len(content)) < 0:
                return
            if content is not None and len(content) <= _LARGEST:
                self.guarded(content, blob, path, secrets)
            yield

    def _keep(self, key: tuple[str, str, Secrets]) -> None:
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known.add(key)


@lru_cache(maxsize=64)
def shown(content: bytes, path: str, secrets: tuple[str, ...]) -> Guarded:
    """Return bytes of a file as text that may be shown; whole files, since a key may begin far above."""
    return guard(content.decode("utf-8", "replace"), secrets, path)


HARMLESS = HarmlessFiles()
