"""Where lines of files are in what an editor shows: in the open document, else on the disk."""

import functools
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from agent.patches.line_diff import common_runs
from lsp.document import Document, Encoding, body, split_lines, units
from lsp.documents import Documents
from lsp.folders import path_of

_LARGEST = 4 << 20
"""Bytes of a file on the disk that is looked at."""
_WIDEST = 1000
"""Lines of a rewritten stretch in which equal lines are still looked for."""


def line_range(text: Document | Sequence[str], line: int, encoding: Encoding) -> types.Range:
    """Return the range of a line, which counts from 1, from its first sign to its last, without blanks.

    A line that is not there is the nearest one.
    """
    lines = text.lines if isinstance(text, Document) else text
    number = min(max(line, 1), max(len(lines), 1))
    shown = body(lines[number - 1]) if number <= len(lines) else ""
    end = len(shown.rstrip())
    start = min(len(shown) - len(shown.lstrip()), end)
    return types.Range(
        types.Position(number - 1, units(shown[:start], encoding)),
        types.Position(number - 1, units(shown[:end], encoding)),
    )


def shifted(seen: Sequence[str], live: Sequence[str], line: int) -> int | None:
    """Return where a line of the text that was seen is in the live one; None when it was edited.

    Lines count from 1. In a stretch of more than 1000 lines that was rewritten every line counts as edited.
    """
    index = line - 1
    if not 0 <= index < len(seen):
        return None
    head = _equal(seen, live)
    if index < head:
        return line
    tail = _equal(seen[head:][::-1], live[head:][::-1])
    if index >= len(seen) - tail:
        return line + len(live) - len(seen)
    left, right = seen[head : len(seen) - tail], live[head : len(live) - tail]
    if max(len(left), len(right)) > _WIDEST:
        return None
    for run in common_runs(left, right):
        if run.first <= index - head < run.first + run.length:
            return line + run.second - run.first
    return None


def live_lines(documents: Documents, uri: str) -> Sequence[str] | None:
    """Return the lines of a document, of the open one or else of the file; None when there is none to be had.

    An open document that is desynced is not to be had: nobody but the editor knows its text.
    """
    document = documents.get(uri)
    if document is not None:
        return None if document.desynced else document.lines
    path = path_of(uri)
    return disk_lines(path) if path is not None else None


def disk_lines(path: Path) -> Sequence[str] | None:
    """Return the lines of a file as UTF-8; None when it is none, or a very large one. Read anew when it changed."""
    try:
        stat = path.stat()
        if stat.st_size > _LARGEST or not path.is_file():
            return None
        return _read(path, stat.st_mtime_ns, stat.st_size, stat.st_ino)
    except OSError:
        return None


@functools.lru_cache(maxsize=64)
def _read(path: Path, changed: int, size: int, inode: int) -> tuple[str, ...]:
    return tuple(split_lines(path.read_bytes().decode("utf-8", "replace").removeprefix("\ufeff")))


def _equal(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many lines two texts begin with in common."""
    short = min(len(left), len(right))
    for number in range(short):
        if left[number] != right[number]:
            return number
    return short
