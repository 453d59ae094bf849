"""The files of one snapshot with what is known of each, and where a blob's number leads."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agent.index.build import key_of
from agent.index.ignore import is_test_path
from agent.index.listing import Listing
from agent.index.view import IndexedFile

_BLOBS = "SELECT lower(hex(id)), hint, number, language, size, skipped, length FROM blob"
_BLOB = f"{_BLOBS} WHERE id=? AND hint=?"
_NOT_INDEXED = "not indexed"
_UNKNOWN = (0, "", 0, _NOT_INDEXED, 0)
Known = tuple[int, str, int, str, int]
"""Number, language, size, why skipped, number of words of a blob."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Paths in order, and the same files by path and by blob number."""

    paths: Sequence[str]
    files: Mapping[str, IndexedFile]
    numbers: Mapping[str, int]
    """Blob numbers by path, those without facts left out."""
    places: Mapping[int, list[int]]
    """Places in `paths` by blob number."""

    def missing(self) -> list[str]:
        """Return the paths whose blobs are still to be indexed."""
        return [path for path, file in self.files.items() if file.skipped == _NOT_INDEXED]


def roster(database: sqlite3.Connection, listing: Listing, left_out: Mapping[str, str]) -> Roster:
    """Return the roster of a listing."""
    known = {(row[0], row[1]): row[2:] for row in database.execute(_BLOBS)}
    paths = sorted({*listing.blobs, *left_out})
    files: dict[str, IndexedFile] = {}
    numbers: dict[str, int] = {}
    for path in paths:
        blob = listing.blobs.get(path, "")
        found = known.get(key_of(path, blob), _UNKNOWN)
        files[path] = _file(path, blob, found, left_out.get(path, ""))
        if not files[path].skipped:
            numbers[path] = found[0]
    return Roster(paths, files, numbers, _places(paths, numbers))


def with_changed(
    old: Roster, database: sqlite3.Connection, listing: Listing, changed: Iterable[str]
) -> Roster:
    """Return the roster of a listing that differs from that of another in some files, but in no path."""
    files, numbers = dict(old.files), dict(old.numbers)
    places = dict(old.places)
    for path in changed:
        key = key_of(path, listing.blobs[path])
        row = database.execute(_BLOB, (bytes.fromhex(key[0]), key[1])).fetchone()
        found: Known = row[2:] if row else _UNKNOWN
        place = old.paths.index(path)
        if path in numbers:
            number = numbers.pop(path)
            places[number] = [one for one in places[number] if one != place]
        files[path] = _file(path, key[0], found, "")
        if not files[path].skipped:
            numbers[path] = found[0]
            places[found[0]] = sorted({*places.get(found[0], ()), place})
    return Roster(old.paths, files, numbers, places)


def _file(path: str, blob: str, known: Known, reason: str) -> IndexedFile:
    _, language, size, skipped, length = known
    if reason:
        return IndexedFile(path, blob, size, language, reason, length, is_test_path(path))
    return IndexedFile(path, blob, size, language, skipped, length, is_test_path(path))


def _places(paths: Sequence[str], numbers: Mapping[str, int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place, path in enumerate(paths):
        if path in numbers:
            found.setdefault(numbers[path], []).append(place)
    return found
