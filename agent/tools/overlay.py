"""The working tree laid over the index of the base: what edits changed is read anew, the rest is known."""

import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from agent.index.bags import documents
from agent.index.definitions import DefinitionRow, enclosing
from agent.index.extract import Extract, extract
from agent.index.facts import MODULE
from agent.index.grammar import IS_OUTLINE, language_in, language_of
from agent.index.view import Document
from agent.index.words import Splitter, occurrences
from agent.repo.store import Store
from agent.repo.tree import Entry
from agent.tools.harmless import HARMLESS
from agent.tools.recent import RECENT
from agent.tools.tool import Desk
from agent.untrusted.guard import Guarded

INDEX = threading.Lock()
"""Held while the index is asked: a view and its search are for one thread at a time."""
_LARGEST = 1 << 20
_CHANGED = 256
"""Changed files of which is kept what they say: every question asks all of them. Old versions count, too."""


class Overlay:
    """Answers about the working tree of a desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.entries: Mapping[str, Entry] = desk.store.list(desk.tree)
        self.changed = changed(desk.store, desk.base, desk.tree)

    def contents(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Return the bytes of those paths that are files of the working tree, read in one go."""
        wanted = {path: self.entries[path].blob for path in paths if self.is_file(path)}
        return RECENT.read(self._desk.store, wanted)

    def texts(self, paths: Iterable[str]) -> dict[str, Guarded]:
        """Return files as text that may be shown, line by line as they are in the file."""
        secrets, entries = self._desk.secrets, self.entries
        return {
            path: HARMLESS.guarded(content, entries[path].blob, path, secrets)
            for path, content in self.contents(paths).items()
        }

    def is_file(self, path: str) -> bool:
        """Say whether the working tree has a regular file of this path."""
        return path in self.entries and self.entries[path].is_file

    def rows(self, path: str) -> Sequence[DefinitionRow]:
        """Return the definitions of a file as it is now."""
        if path not in self.changed:
            return self._desk.view.scopes(path).columns.definitions if path in self._desk.view.files() else ()
        content = self.contents([path]).get(path)
        return () if content is None else extracted(path, content).definitions

    def fresh(self) -> dict[str, bytes]:
        """Return the files that were changed or added, as they are now."""
        return self.contents(sorted(self.changed))


@lru_cache(maxsize=16)
def changed(store: Store, base: str, tree: str) -> frozenset[str]:
    """Return the paths in which two trees differ."""
    if base == tree:
        return frozenset()
    return frozenset(path for path, _ in store.list(base).items() ^ store.list(tree).items())


@lru_cache(_CHANGED)
def extracted(path: str, content: bytes) -> Extract:
    """Return what a file that the index does not know says."""
    if len(content) > _LARGEST or b"\0" in content[:8192]:
        return extract("", b"")
    return extract(language_in(language_of(path), content), content)


@lru_cache(_CHANGED)
def worded(path: str, content: bytes) -> Sequence[Document]:
    """Return the terms of each definition of a file that the index does not know."""
    return documents(content, extracted(path, content).definitions, Splitter())


def mentions(path: str, content: bytes, name: str) -> Iterator[tuple[int, int]]:
    """Yield line and definition (or MODULE) of each use of a name in code, definitions left out."""
    wanted, facts = name.encode("utf-8", "replace"), extracted(path, content)
    if wanted not in content or not facts.language or facts.language in IS_OUTLINE:
        return
    around, own = enclosing(facts.definitions), {row[8] for row in facts.definitions}
    line, counted = 1, 0
    for place in occurrences(content, wanted):
        line, counted = line + content.count(b"\n", counted, place), place
        inside_text = bisect_right(facts.texts, place) % 2
        if not inside_text and place not in own:
            yield line, around(place)


def qualname(rows: Sequence[DefinitionRow], ordinal: int) -> str:
    """Return the name of a definition, "" for MODULE."""
    return "" if ordinal == MODULE else rows[ordinal][1]
