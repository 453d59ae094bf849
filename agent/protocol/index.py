"""What the code index answers: lines count from 1 and are inclusive, paths are the repository's."""

from collections.abc import Mapping

from pydantic import Field

from agent.protocol.value import Value


class IndexProgress(Value):
    """How far a build has come, in files."""

    done: int
    total: int


class IndexStatus(Value):
    """What is indexed of a snapshot; sizes in bytes."""

    commit: str
    """The commit itself, or the HEAD that the working tree is based on."""
    files: int
    """Indexed ones."""
    symbols: int
    references: int
    """Calls, imports and parents of classes."""
    bytes_source: int
    bytes_index: int
    """Of the whole index file, which holds other snapshots too."""
    languages: Mapping[str, int]
    """Files by language, "" for those of none."""
    skipped: Mapping[str, int]
    """Files by the reason why nothing is known about them."""
    missing: int
    """Files that are still to be indexed."""
    fresh: bool
    """Whether none is."""
    building: IndexProgress | None = None
    """The build that is in progress."""


class IndexHit(Value):
    """One place that a text may be about; `symbol` is "" for code in no definition."""

    path: str
    start: int
    end: int
    symbol: str
    kind: str
    score: float
    """To compare hits of one answer with; of no meaning by itself."""
    why: Mapping[str, float]
    """What each ranking gave to the score."""


class IndexHits(Value):
    """Places, best first."""

    commit: str
    hits: tuple[IndexHit, ...]


class IndexSymbol(Value):
    """A definition."""

    path: str
    start: int
    end: int
    name: str
    symbol: str
    """Dotted with the names of what it is in."""
    kind: str
    signature: str
    doc: str
    """The first line of its documentation."""
    is_test: bool


class IndexSymbols(Value):
    """Definitions, in the order of paths and lines or, of one name, as they were found."""

    commit: str
    symbols: tuple[IndexSymbol, ...]


class IndexReference(Value):
    """A use of a name; `symbol` is the definition around it, "" for none."""

    path: str
    line: int
    column: int
    """In bytes, from 1."""
    symbol: str


class IndexReferences(Value):
    """Uses of a name in code."""

    commit: str
    references: tuple[IndexReference, ...]


class IndexCaller(Value):
    """A call that can reach a definition."""

    path: str
    line: int
    symbol: str
    target_path: str
    target: str
    confidence: float
    """1 where scopes and imports leave one answer, down to 0.1 where only the name fits."""


class IndexCallers(Value):
    """Calls, surest first."""

    commit: str
    callers: tuple[IndexCaller, ...]


class IndexMap(Value):
    """The headers of what matters most."""

    commit: str
    map: str
    tokens: int
    """By our estimate."""
    files: tuple[str, ...]
    """Those in it, best first."""


class IndexTest(Value):
    """A test that can reach a change; `symbol` is "" when its file as a whole can."""

    path: str
    symbol: str
    distance: int
    """Calls, or dependencies between files, in between."""
    confidence: float


class IndexImpact(Value):
    """Tests, nearest and surest first."""

    commit: str
    tests: tuple[IndexTest, ...]


class SearchRequest(Value):
    """Body of a search; `text` may be a whole issue."""

    repository: str = Field(pattern=r"^/")
    """A directory on the daemon's machine."""
    revision: str | None = None
    """None is the working tree."""
    text: str
    limit: int = Field(default=20, ge=1, le=1000)


class MapRequest(Value):
    """Body of a request for a map; without a text it shows what much else depends on."""

    repository: str = Field(pattern=r"^/")
    revision: str | None = None
    text: str = ""
    tokens: int = Field(default=2048, ge=16, le=200_000)
    limit: int = Field(default=80, ge=1, le=1000)
    """Files at most."""


class ImpactRequest(Value):
    """Body of a request for impacted tests; a target is a path, the name of a symbol, or `path::name`."""

    repository: str = Field(pattern=r"^/")
    revision: str | None = None
    targets: tuple[str, ...] = Field(min_length=1, max_length=1000)
    limit: int = Field(default=200, ge=1, le=1000)
