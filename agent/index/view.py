"""The read interface of the index: all that is known of a snapshot; `CodeIndex(store).view()` gives one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.index.facts import Definition, FileFacts, Kind


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One path of the snapshot."""

    path: str
    blob: str
    """Git blob id of the bytes, also for a dirty file."""
    size: int
    language: str
    """"" when the file has no grammar of ours; its words are indexed all the same."""
    skipped: str
    """Why nothing is known about it: "binary", "too large", "generated", …; "" when it is indexed."""
    length: int
    """Number of terms, for BM25."""
    is_test: bool
    """Whether its path is one of tests."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition at its place in the snapshot."""

    path: str
    ordinal: int
    name: str
    qualname: str
    kind: Kind
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A name used at a place."""

    path: str
    line: int
    column: int
    """In bytes, from 1."""
    definition: int
    """Ordinal of the innermost definition around it, or MODULE."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A resolved call (or reference, import, inheritance) from one definition to another."""

    path: str
    definition: int
    """Ordinal of the definition it comes from, or MODULE."""
    line: int
    target_path: str
    target: int
    """Ordinal of the definition it goes to, or MODULE for a file as a whole."""
    confidence: float
    """1.0 when scope and imports leave one answer, down to 0.1 for one of many of the same name."""


@dataclass(frozen=True, slots=True)
class Posting:
    """Where a term occurs: `files` are numbers into `View.paths`, `counts` the occurrences in each."""

    files: Sequence[int]
    counts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Document:
    """The words of one definition without those of the definitions in it (MODULE: the rest of the file)."""

    definition: int
    length: int
    counts: Mapping[str, int]


class View(Protocol):
    """One snapshot: a revision, or HEAD with the dirty files of the working tree laid over it."""

    commit: str
    """The commit it is, or that the working tree is based on."""
    paths: Sequence[str]
    """Every path, sorted; a file's number is its place here."""

    def files(self) -> Mapping[str, IndexedFile]:
        """Return every path of the snapshot, the skipped ones with their reason."""

    def read(self, path: str) -> bytes:
        """Return a file's bytes as the snapshot has them; raises RepositoryError when there is none."""

    def read_many(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of several files in one go; raises RepositoryError as `read` does."""

    def symbol(self, path: str, ordinal: int) -> Symbol:
        """Return a definition of a file as a symbol."""

    def facts(self, path: str) -> FileFacts:
        """Return what a file says; empty facts for a skipped one."""

    def definitions(self, path: str) -> tuple[Definition, ...]:
        """Return a file's definitions in the order of the file."""

    def definition(self, path: str, ordinal: int) -> Definition:
        """Return one of a file's definitions, at the cost of one."""

    def definition_at(self, path: str, line: int) -> Definition | None:
        """Return the innermost definition around a line."""

    def find(self, name: str, limit: int | None = None) -> list[Symbol]:
        """Return the symbols called `name`, or whose qualified name ends in a dotted `name`."""

    def names(self) -> Sequence[str]:
        """Return every distinct symbol name of the snapshot."""

    def references(self, name: str) -> Iterator[Reference]:
        """Yield where a name is used in code (not in strings or comments), definitions left out."""

    def callers(self, symbol: Symbol) -> list[Edge]:
        """Return the calls that can reach a symbol, surest first."""

    def callees(self, path: str, definition: int) -> list[Edge]:
        """Return what the calls in one definition can reach."""

    def edges(self) -> Mapping[str, Mapping[str, float]]:
        """Return for each path the paths it depends on (calls, imports, inheritance) with their weight."""

    def edges_ready(self) -> bool:
        """Return whether `edges` answers at once; computing them takes seconds on a large repository."""

    def posting(self, term: str) -> Posting:
        """Return the files that hold a term of `agent.index.words.terms`, for BM25."""

    def documents(self, path: str) -> Sequence[Document]:
        """Return the words of each definition of a file, for BM25 of definitions."""

    def documents_of(self, paths: Sequence[str]) -> Mapping[str, Sequence[Document]]:
        """Return `documents` of several files, those without facts left out; much faster for a revision."""

    def containing(self, text: bytes) -> list[str]:
        """Return the paths whose bytes contain `text`, found through the words of the index."""

    def candidates(self, literals: Sequence[bytes]) -> list[str]:
        """Return the paths that can contain all of some byte strings; to be verified on the bytes."""
