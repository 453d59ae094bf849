"""What manifests say: the values that their readers return, and the files they read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Protocol

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

LARGEST = 4 * 1024 * 1024
_FILE_MODES = ("100644", "100755")


class Listed(Protocol):
    """One path of a tree."""

    @property
    def mode(self) -> str:
        """Return git's mode."""

    @property
    def blob(self) -> str:
        """Return the content's id."""


class Trees(Protocol):
    """The part of the store that discovery reads."""

    def list(self, tree: str) -> Mapping[str, Listed]:
        """Return every path of a tree."""

    def read(self, tree: str, path: str) -> bytes:
        """Return a file's bytes."""

    def describe(self, commit: str) -> str:
        """Return the version that tags give a commit."""


class Files:
    """The regular files of one tree; remembers which ones were read."""

    def __init__(self, trees: Trees, tree: str) -> None:
        self._trees, self._tree = trees, tree
        listed = trees.list(tree)
        self._blobs = {path: entry.blob for path, entry in listed.items() if entry.mode in _FILE_MODES}
        self._texts: dict[str, str] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._blobs

    def __iter__(self) -> Iterator[str]:
        return iter(self._blobs)

    def text(self, path: str) -> str:
        """Return a file as text, "" when there is none."""
        if path not in self._blobs:
            return ""
        if path not in self._texts:
            content = self._trees.read(self._tree, path)[:LARGEST]
            self._texts[path] = content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
        return self._texts[path]

    def matching(self, *patterns: str) -> tuple[str, ...]:
        """Return the paths that match one of the patterns, whose `*` also matches slashes."""
        return tuple(sorted(p for p in self._blobs if any(fnmatchcase(p, wanted) for wanted in patterns)))

    def inputs(self, more: Iterable[str] = ()) -> tuple[tuple[str, str], ...]:
        """Return (path, content id) of what was read, and of more files."""
        return tuple((path, self._blobs[path]) for path in sorted({*self._texts, *more}))


@dataclass(frozen=True, slots=True)
class Project:
    """What the build files of the project itself say, without running any."""

    name: str = ""
    version: str = ""
    """Stated version, "" when it is computed."""
    python: str = ""
    """PEP 440 specifier of the supported Pythons."""
    pythons: tuple[str, ...] = ()
    """Minor versions named by classifiers."""
    runtime: tuple[str, ...] = ()
    extras: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    build: tuple[str, ...] = ()
    installable: bool = False
    legacy: bool = False
    """Built by setup.py without a build-system table."""
    compiled: bool = False
    modules: tuple[str, ...] = ()
    """Top-level modules that the build files name."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Requirements gathered from one source."""

    requirements: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __add__(self, other: "Wanted") -> "Wanted":
        """Return both together."""
        return Wanted(
            self.requirements + other.requirements,
            self.constraints + other.constraints,
            self.extras + other.extras,
            self.groups + other.groups,
            self.notes + other.notes,
        )


def fetchable(lines: Iterable[object], where: str) -> Wanted:
    """Keep requirements that name a package of an index; the others become notes."""
    kept: list[str] = []
    notes: list[str] = []
    for line in lines:
        text, *hashes = re.split(r"\s+--hash[= ]", str(line).strip())
        try:
            requirement = Requirement(text)
        except InvalidRequirement:
            notes.append(f"{where}: cannot be fetched, not a name at a package index: {text[:200]}")
            continue
        if requirement.url is not None:
            notes.append(f"{where}: cannot be fetched, only package indexes are used: {text[:200]}")
            continue
        pinned = "".join(f" --hash={h}" for h in hashes if re.fullmatch(r"sha256:[0-9a-f]{64}", h))
        kept.append(str(requirement) + pinned)
    return Wanted(tuple(kept), notes=tuple(notes))


def name_of(requirement: str) -> str:
    """Return the normalized name of a valid requirement."""
    return canonicalize_name(Requirement(requirement.split(" --hash=")[0]).name)


def mapping(value: object) -> Mapping[str, object]:
    """Return a table of a parsed file, empty when it is none."""
    return value if isinstance(value, dict) else {}


def strings(value: object) -> tuple[str, ...]:
    """Return the strings of a list of a parsed file."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()
