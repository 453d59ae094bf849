"""Which artifacts of a workflow run may hold reports, and the XML files in them, unpacked in memory alone."""

import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from agent.repo.forge.github.runs import ArtifactShape

_MIB = 1 << 20
LARGEST = 20 * _MIB
"""Bytes of an artifact, compressed."""
_MOST = 10
_LISTED = 1000
_LARGEST_FILE = 5 * _MIB
_LARGEST_IN_ALL = 200 * _MIB
_ENTRY = b"PK\x01\x02"
_MOST_ENTRIES = 10_000
_PIECE = 4096
"""Bytes that unpacking anything costs at least."""
_REPORTS = re.compile(r"report|junit|xunit|test|result|xml", re.IGNORECASE)
_ENCRYPTED = 0x1
_BROKEN = (
    BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)
"""What the standard library raises for archives that are none."""


def promising(listed: Iterable[ArtifactShape], since: int) -> list[ArtifactShape]:
    """Return the artifacts worth fetching, those that are called as reports are first.

    Those made before `since` (seconds since the epoch) tell of another attempt.
    """
    known = [
        one
        for one in islice(listed, _LISTED)
        if not one.expired and one.size_in_bytes <= LARGEST and (one.began or since) >= since
    ]
    return sorted(known, key=lambda one: _REPORTS.search(one.name) is None)[:_MOST]


class Unpacking:
    """Unpacks archives of strangers, within bounds over all of them; nothing is written anywhere."""

    def __init__(self, most: int = _LARGEST_IN_ALL) -> None:
        """Take how many bytes may come out of all of them."""
        self._left = most

    def files(self, archive: bytes) -> Iterator[bytes]:
        """Yield the files whose names end in `.xml`; what is broken or too large is left out."""
        # Each entry takes half a KiB of memory before any of it can be looked at.
        if archive.count(_ENTRY) > _MOST_ENTRIES:
            return
        try:
            opened = ZipFile(BytesIO(archive))
        except _BROKEN:
            return
        with opened:
            for entry in opened.infolist():
                if _readable(entry) and entry.file_size + _PIECE <= self._left:
                    yield from self._read(opened, entry)

    def _read(self, archive: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
        # No more than an entry says is ever unpacked of it, also where it says too little.
        self._left -= entry.file_size + _PIECE
        try:
            with archive.open(entry) as file:
                content = file.read(_LARGEST_FILE)
        except _BROKEN:
            return
        yield content


def _readable(entry: ZipInfo) -> bool:
    """Say whether an entry is a plain XML file; other methods than these two take memory without bounds."""
    plain = entry.compress_type in (ZIP_STORED, ZIP_DEFLATED) and not entry.flag_bits & _ENCRYPTED
    return plain and entry.file_size <= _LARGEST_FILE and entry.filename.lower().endswith(".xml")
