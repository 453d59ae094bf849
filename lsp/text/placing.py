"""Where lines of files are in what an editor shows: in the open document, else on the disk."""

import functools
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from agent.patches.line_diff import Common, common_runs
from lsp.folders import path_of
from lsp.text.document import Document, Encoding, body, split_lines, units
from lsp.text.documents import Documents

_LARGEST = 4 << 20
"""Bytes of a file on the disk that is looked at."""
_WIDEST = 4000
"""Lines of a rewritten stretch in which equal lines are still looked for."""
_PIECE = 512


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
    """Return where a line of the text that was seen is in the live one; None when it was edited."""
    return Shift(seen, live).line(line)


class Shift:
    """Leads from the lines of a text that was seen to those of the live one; lines count from 1.

    In a stretch of more than 4000 lines that was rewritten every line counts as edited.
    """

    def __init__(self, seen: Sequence[str], live: Sequence[str]) -> None:
        left, right = list(seen), list(live)
        self._head = _equal(left, right)
        self._tail = _equal(left[self._head :][::-1], right[self._head :][::-1])
        self._left = left[self._head : len(left) - self._tail]
        self._right = right[self._head : len(right) - self._tail]
        self._length, self._grown = len(left), len(right) - len(left)

    def line(self, line: int) -> int | None:
        """Return where a line is now; None when it was edited, or never there."""
        index = line - 1
        if not 0 <= index < self._length:
            return None
        if index < self._head:
            return line
        if index >= self._length - self._tail:
            return line + self._grown
        for run in self._runs:
            if run.first <= index - self._head < run.first + run.length:
                return line + run.second - run.first
        return None

    @functools.cached_property
    def _runs(self) -> list[Common]:
        if max(len(self._left), len(self._right)) > _WIDEST:
            return []
        return common_runs(self._left, self._right)


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
    """Return the lines of a file as UTF-8, read anew when it changed; None for none, or a very large one."""
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


def _equal(left: list[str], right: list[str]) -> int:
    """Return how many lines two texts begin with in common."""
    short = min(len(left), len(right))
    start = 0
    while start < short and left[start : start + _PIECE] == right[start : start + _PIECE]:
        start += _PIECE
    for number in range(min(start, short), short):
        if left[number] != right[number]:
            return number
    return short
