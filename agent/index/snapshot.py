"""One snapshot read from the index file; what `agent.index.view` promises."""

from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import PurePosixPath

from agent.index.bags import documents
from agent.index.blobs import Blobs
from agent.index.callgraph import CallGraph
from agent.index.facts import Definition, FileFacts, Kind
from agent.index.grammar import IS_OUTLINE
from agent.index.listing import Listing
from agent.index.marks import CALLED, COUNT_SHIFT, IMPORTED, MOST, NUMBER_SHIFT
from agent.index.modules import Modules
from agent.index.pack import as_definition, as_definitions, as_facts
from agent.index.reader import NOTHING, Reader
from agent.index.roster import Roster
from agent.index.scopes import Scopes
from agent.index.snapshots import FileEdges, has_edges, load_edges, remember, store_edges
from agent.index.view import Document, Edge, IndexedFile, Posting, Reference, Symbol
from agent.index.words import occurrences, word_of

_NOT_CODE = IS_OUTLINE | {""}
_MANY_NEW = 50
_READ_AT_ONCE = 32
"""Files of a revision that are read by one git process, which costs as much as many files."""
_SYMBOLS = "SELECT name, number, ordinal, qualname, kind, start, stop FROM symbol WHERE name=?"


class SnapshotView:
    """Implements `agent.index.view.View`; valid while its index is open."""

    def __init__(self, reader: Reader, listing: Listing, blobs: Blobs, roster: Roster) -> None:
        self.listing = listing
        self._reader = reader
        self._database = reader.database
        self._blobs = blobs
        self.commit = listing.commit
        self.git = listing.git
        self.roster = roster
        self.paths: Sequence[str] = roster.paths
        self._files, self._numbers, self._by_number = roster.files, roster.numbers, roster.places
        self._calls = CallGraph(self)
        self.modules = Modules(self.paths)

    def files(self) -> Mapping[str, IndexedFile]:
        """Return every path of the snapshot, the skipped ones with their reason."""
        return self._files

    def read(self, path: str) -> bytes:
        """Return a file's bytes; raises RepositoryError when there is none or it has changed since."""
        return self._blobs.read([path])[path]

    def read_many(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of several files; raises RepositoryError as `read` does."""
        return self._blobs.read(paths)

    def facts(self, path: str) -> FileFacts:
        """Return what a file says; empty facts for a skipped one."""
        return as_facts(self.scopes(path).columns)

    def definitions(self, path: str) -> tuple[Definition, ...]:
        """Return a file's definitions in the order of the file."""
        return as_definitions(self.scopes(path).columns)

    def definition(self, path: str, ordinal: int) -> Definition:
        """Return one of a file's definitions."""
        return as_definition(self.scopes(path).columns, ordinal)

    def definition_at(self, path: str, line: int) -> Definition | None:
        """Return the innermost definition around a line."""
        around = [d for d in self.definitions(path) if d.start_line <= line <= d.end_line]
        return around[-1] if around else None

    def find(self, name: str, limit: int | None = None) -> list[Symbol]:
        """Return the symbols called `name`, or whose qualified name ends in a dotted `name`."""
        last = name.rpartition(".")[2]
        found: list[Symbol] = []
        for row in self._database.execute(_SYMBOLS, (last,)):
            if row[1] in self._by_number and (last == name or f".{row[3]}".endswith(f".{name}")):
                found += self._symbols(row)
                if limit and len(found) >= limit:
                    break
        return found[:limit]

    def names(self) -> Sequence[str]:
        """Return every distinct symbol name of the index, this snapshot's among them."""
        return [name for (name,) in self._database.execute("SELECT DISTINCT name FROM symbol")]

    def names_with(self, part: str) -> list[str]:
        """Return the distinct symbol names of the index that hold a text, whatever its case in ASCII."""
        if not part:
            return list(self.names())
        found, wanted, place = [], part.encode().lower(), 0
        while (place := self._folded.find(wanted, place)) >= 0:
            start, end = self._folded.rfind(b"\n", 0, place) + 1, self._folded.index(b"\n", place)
            found.append(self._all_names[start:end].decode())
            place = end + 1
        return found

    @cached_property
    def _all_names(self) -> bytes:
        """Every name, each with a line end behind it: quicker to search than the table."""
        return b"".join(b"%b\n" % name.encode() for name in self.names())

    @cached_property
    def _folded(self) -> bytes:
        return self._all_names.lower()

    def references(self, name: str) -> Iterator[Reference]:
        """Yield where a name is used in code (not in strings or comments), definitions left out."""
        named = self._paths_of(self._reader.vocabulary.numbers(word_of(name)))
        paths = [path for path in named if self._files[path].language not in _NOT_CODE]
        for start in range(0, len(paths), _READ_AT_ONCE):
            for path, content in self.read_many(paths[start : start + _READ_AT_ONCE]).items():
                yield from self._references_in(path, content, name.encode())

    def callers(self, symbol: Symbol) -> list[Edge]:
        """Return the calls that can reach a symbol, surest first."""
        return self._calls.callers(symbol)

    def callees(self, path: str, definition: int) -> list[Edge]:
        """Return what the calls in one definition can reach."""
        return self._calls.callees(path, definition)

    def edges(self) -> Mapping[str, Mapping[str, float]]:
        """Return for each path the paths it depends on with the weight of that."""
        return self._edges

    def edges_ready(self) -> bool:
        """Return whether `edges` answers at once."""
        return "_edges" in self.__dict__ or has_edges(self._database, self.name)

    def remember(self) -> None:
        """Keep the blobs of this snapshot from being collected."""
        self.name  # noqa: B018

    @cached_property
    def name(self) -> str:
        """What the index remembers this snapshot under."""
        return remember(self._database, self._numbers)

    @cached_property
    def _edges(self) -> FileEdges:
        known = load_edges(self._database, self.name)
        if known is not None and known[0] == self._numbers:
            return known[1]
        edges = self._brought_up_to_date(*known) if known else {}
        for path in self._numbers:
            if path not in edges:
                edges[path] = self._calls.depends_on(path)
        store_edges(self._database, self.name, self._numbers, edges)
        return edges

    def _brought_up_to_date(self, before: Mapping[str, int], edges: FileEdges) -> FileEdges:
        """Return the edges of the files that neither changed nor mention one that came or went."""
        stems = {PurePosixPath(path).stem for path in before.keys() ^ self._numbers.keys()}
        if len(stems) > _MANY_NEW:
            return {}
        stale = {path for stem in stems for path in self.candidates([stem.encode()])}
        return {
            path: {target: weight for target, weight in own.items() if target in self._numbers}
            for path, own in edges.items()
            if path not in stale and before[path] == self._numbers.get(path)
        }

    def posting(self, term: str) -> Posting:
        """Return the files that hold a term, for BM25."""
        counts: dict[int, int] = defaultdict(int)
        for packed in self._reader.terms.get(term.encode()):
            for one in array("I", packed):
                counts[one >> NUMBER_SHIFT] += one >> COUNT_SHIFT & MOST
        known = self._by_number
        pairs = [(file, count) for number, count in counts.items() for file in known.get(number, ())]
        return Posting([file for file, _ in pairs], [count for _, count in pairs])

    def documents(self, path: str) -> Sequence[Document]:
        """Return the terms of each definition of a file, for BM25 of definitions."""
        return self.documents_of([path]).get(path, ())

    def documents_of(self, paths: Sequence[str]) -> dict[str, Sequence[Document]]:
        """Return `documents` of several files, unknown ones left out; much faster for a revision."""
        contents = self._blobs.present([path for path in paths if path in self._numbers])
        return {
            path: documents(content, self.scopes(path).rows, self._reader.split)
            for path, content in contents.items()
        }

    def containing(self, text: bytes) -> list[str]:
        """Return the paths whose bytes contain `text`."""
        contents = self.read_many(self.candidates([text]))
        return [path for path, content in contents.items() if text in content]

    def candidates(self, literals: Sequence[bytes]) -> list[str]:
        """Return the paths that can contain all of some byte strings; to be verified on the bytes."""
        found: set[int] | None = None
        for literal in literals:
            holding = self._reader.vocabulary.holding(literal)
            if holding is not None:
                found = holding if found is None else found & holding
        if found is None:
            return [path for path, file in self._files.items() if not file.skipped]
        return self._paths_of(found)

    def language(self, path: str) -> str:
        """Return the language of a file, "" when it has none."""
        return self._files[path].language

    def scopes(self, path: str) -> Scopes:
        """Return a file as it is stored, and as resolution sees it."""
        number = self._numbers.get(path)
        return self._reader.scopes(number) if number else NOTHING

    def calling(self, name: str) -> Sequence[str]:
        """Return the paths in which a name is called, or imported under another name."""
        word = word_of(name)
        called = self._reader.vocabulary.numbers(word, CALLED)
        bound = self._reader.vocabulary.numbers(word, IMPORTED)
        return self._paths_of(called | bound)

    def symbol(self, path: str, ordinal: int) -> Symbol:
        """Return a definition of a file as a symbol."""
        row = self.scopes(path).rows[ordinal]
        return Symbol(path, ordinal, row[0], row[1], Kind(row[2]), row[4], row[5])

    def _symbols(self, row: tuple[str, int, int, str, str, int, int]) -> Iterator[Symbol]:
        name, number, ordinal, qualname, kind, start, stop = row
        for place in self._by_number[number]:
            yield Symbol(self.paths[place], ordinal, name, qualname, Kind(kind), start, stop)

    def _paths_of(self, numbers: set[int]) -> list[str]:
        places = [place for number in numbers for place in self._by_number.get(number, ())]
        return [self.paths[place] for place in sorted(places)]

    def _references_in(self, path: str, content: bytes, name: bytes) -> Iterator[Reference]:
        scopes = self.scopes(path)
        texts = scopes.columns.spans()
        own = {row[8] for row in scopes.rows}
        row, counted, line_start = 1, 0, 0
        for place in occurrences(content, name):
            row += content.count(b"\n", counted, place)
            counted = place
            inside = bisect_right(texts, place) % 2
            if not inside and place not in own:
                line_start = content.rfind(b"\n", 0, place) + 1
                yield Reference(path, row, place - line_start + 1, scopes.around(place))
