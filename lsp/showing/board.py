"""What is known about the lines of documents as they are now; editors show by themselves what is here."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.protocol.check import Location
from agent.protocol.state import TaskState
from lsp.facts.definition import definition, definitions
from lsp.facts.fact import Fact, Related
from lsp.facts.hunks import with_hunks
from lsp.facts.tests import path_of_test
from lsp.feed import Feed
from lsp.folders import Folders, uri_of
from lsp.showing.known import Digest, Known
from lsp.text.documents import Documents
from lsp.text.placing import Shift, live_lines
from lsp.text.seen import Seen

Heard = Callable[[Collection[str] | None], None]
"""Takes the documents that were edited; None when any may have something else to show."""
Lines = Sequence[str]

AFTER_EVENT_SECONDS = 0.05
AFTER_EDIT_SECONDS = 0.15
_MOST_PLACED = 300
_NOTHING = Known()


@dataclass(frozen=True, slots=True)
class Spot:
    """A line, from 1, of a document as it is now, and what about it."""

    uri: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A fact at a line, from 1, of a document as it is now."""

    fact: Fact
    line: int
    related: tuple[Spot, ...] = ()


class Board:
    """Follows tasks and edits, and tells whoever listens when something may be shown otherwise.

    Lives in the event loop; what is asked of it is answered from memory.
    """

    def __init__(self, feed: Feed, documents: Documents, folders: Folders) -> None:
        self._feed = feed
        self._documents = documents
        self._folders = folders
        self._uris: dict[Path, str] = {}
        """How the editor writes what is open, which may lead over links."""
        self._digest = Digest(documents, self.uri)
        self._seen = Seen()
        self._known: dict[Path, Known] = {}
        self._open: dict[str, Path] = {}
        """Repositories of the tasks that are under way and have their snapshot."""
        self._stale: set[Path] = set()
        self._touched: set[str] = set()
        self._due: asyncio.TimerHandle | None = None
        self._heard: list[Heard] = []
        feed.listen(self._follow)
        documents.listen(self._edited)

    def listen(self, heard: Heard) -> None:
        """Be told, soon after it happened, that documents may have something else to show."""
        self._heard.append(heard)

    def known(self, repository: Path) -> Known:
        """Return what is known of a repository."""
        return self._known.get(repository, _NOTHING)

    def uri(self, path: Path) -> str:
        """Return the URI of a file, of an open one as the editor writes it."""
        return self._uris.get(path) or uri_of(path)

    def uris(self) -> list[str]:
        """Return the documents that there are facts about."""
        return [self.uri(root / path) for root, known in self._known.items() for path in known.facts]

    def placed(self, uri: str) -> list[Placed]:
        """Return what is known about a document where its lines are now; what was edited is left out."""
        within = self._folders.within(uri)
        facts = self.known(within.repository).facts.get(within.path, ()) if within is not None else ()
        if within is None or not facts:
            return []
        glass = _Glass(self, self._documents, self._seen, within.repository)
        found = (glass.place(fact) for fact in facts[:_MOST_PLACED])
        return [one for one in found if one is not None]

    def _follow(self, state: TaskState) -> None:
        if state.spec is None:
            return
        repository = Path(state.spec.repository)
        if state.snapshot is not None and state.finished is None:
            if self._open.get(state.task_id) is None:
                self._open[state.task_id] = repository
                self._look_at_open(state.task_id, repository)
        else:
            self._open.pop(state.task_id, None)
        self._digest.prepare(state)
        self._stale.add(repository)
        self._soon(AFTER_EVENT_SECONDS)

    def _look_at_open(self, task: str, repository: Path) -> None:
        # What is edited while the task runs is most often open.
        for document in self._documents:
            self._look(task, repository, document.uri)

    def _look(self, task: str, repository: Path, uri: str) -> None:
        within = self._folders.within(uri)
        if within is not None and within.repository == repository and not self._seen.has(task, within.path):
            self._seen.look(task, repository, within.path, self._feed.snapshot_at(task))

    def _edited(self, uri: str) -> None:
        for task, repository in self._open.items():
            self._look(task, repository, uri)
        within = self._folders.within(uri)
        if within is None:
            return
        self._note_open(uri, within.repository / within.path)
        known = self.known(within.repository)
        if within.path in known.patched:
            self._stale.add(within.repository)
        if within.path in known.patched or within.path in known.facts:
            self._touched.add(uri)
            self._soon(AFTER_EDIT_SECONDS)

    def _note_open(self, uri: str, path: Path) -> None:
        is_open = self._documents.get(uri) is not None
        if is_open and self._uris.get(path) != uri:
            self._touched.add(self.uri(path))
            self._uris[path] = uri
        elif not is_open and self._uris.get(path) == uri:
            del self._uris[path]

    def _soon(self, seconds: float) -> None:
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(seconds, self._refresh)

    def _refresh(self) -> None:
        self._due = None
        stale, self._stale = self._stale, set()
        touched, self._touched = self._touched, set()
        for repository in stale:
            known = self._digest.of(repository, self._feed.tasks(repository))
            self._known[repository] = known
            for task, path in _looked_at(known):
                self._seen.look(task, repository, path, self._feed.snapshot_at(task))
        for heard in self._heard:
            heard(None if stale else touched)


def _looked_at(known: Known) -> set[tuple[str, str]]:
    """Return the files of tasks that facts are about."""
    found: set[tuple[str, str]] = set()
    for facts in known.facts.values():
        for fact in facts:
            found.add((fact.task, fact.location.path))
            found.update((fact.task, one.location.path) for one in fact.related if one.location is not None)
    return found


class _Glass:
    """Sees the lines of a repository as they are now; for one look, as it remembers what it compared."""

    def __init__(self, board: Board, documents: Documents, seen: Seen, repository: Path) -> None:
        self._board = board
        self._documents = documents
        self._seen = seen
        self._repository = repository
        self._patches = board.known(repository).patches
        self._shifts: dict[tuple[str, str, bool], Shift | None] = {}
        self._defined: dict[str, Mapping[tuple[str, ...], int]] = {}

    def place(self, fact: Fact) -> Placed | None:
        """Return a fact where it is now; None when its line was edited."""
        path = fact.location.path
        line = self._definition(fact.tests[0]) if fact.at_definition else self._line(fact, fact.location)
        if line is None and fact.at_definition and self._live(path) is not None:
            line = 1
        if line is None:
            return None
        related = (self._spot(fact, one) for one in fact.related)
        return Placed(
            fact, line, tuple(one for one in related if one is not None and not _same(one, fact, line))
        )

    def _spot(self, fact: Fact, one: Related) -> Spot | None:
        path = one.location.path if one.location is not None else path_of_test(one.test)
        line = self._line(fact, one.location) if one.location is not None else self._definition(one.test)
        return Spot(self._board.uri(self._repository / path), line, one.message) if line is not None else None

    def _line(self, fact: Fact, location: Location) -> int | None:
        key = (fact.task, location.path, fact.patched)
        if key not in self._shifts:
            self._shifts[key] = self._shift(*key)
        shift = self._shifts[key]
        return shift.line(location.line) if shift is not None else None

    def _shift(self, task: str, path: str, patched: bool) -> Shift | None:
        seen, live = self._seen.text(task, path), self._live(path)
        hunks = self._patches.get(task, {}).get(path, ()) if patched else ()
        if hunks:
            seen = with_hunks(seen or (), hunks)
        return Shift(seen, live) if seen is not None and live is not None else None

    def _definition(self, test: str) -> int | None:
        path = path_of_test(test)
        if path not in self._defined:
            self._defined[path] = definitions(self._live(path) or ())
        return definition(dict(self._defined[path]), test)

    def _live(self, path: str) -> Lines | None:
        return live_lines(self._documents, self._board.uri(self._repository / path))


def _same(spot: Spot, fact: Fact, line: int) -> bool:
    return spot.line == line and spot.uri.endswith(fact.location.path)
