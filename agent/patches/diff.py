"""Unified diffs as git prints them, split into files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FILE = re.compile(rb"^diff --git ", re.MULTILINE)
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """One changed place; lines count from 1, a count of 0 means that nothing is there."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    lines: tuple[str, ...]
    """Lines with their first character: space, minus, plus, or a backslash for a missing newline."""


def split_files(diff: bytes) -> tuple[bytes, ...]:
    """Return the part of each file, headers included, in order."""
    starts = [match.start() for match in _FILE.finditer(diff)]
    return tuple(diff[start:end] for start, end in zip(starts, [*starts[1:], len(diff)], strict=True))


def hunks(part: str) -> tuple[Hunk, ...]:
    """Return the hunks of one file's part; empty for a binary patch or a mode change."""
    return tuple(_hunks(part.split("\n")))


def _hunks(lines: list[str]) -> Iterator[Hunk]:
    position = 0
    while position < len(lines):
        match = _HUNK.match(lines[position])
        position += 1
        if match is None:
            continue
        old, new = int(match[2] or 1), int(match[4] or 1)
        body = _body(lines, position, old, new)
        position += len(body)
        yield Hunk(int(match[1]), old, int(match[3]), new, tuple(body))


def _body(lines: list[str], start: int, old: int, new: int) -> list[str]:
    body: list[str] = []
    for line in lines[start:]:
        # A removed line may itself look like a header, so only the counts say where a hunk ends.
        if (old <= 0 and new <= 0 and line[:1] != "\\") or line[:1] not in (" ", "-", "+", "\\"):
            break
        old -= line[:1] in (" ", "-")
        new -= line[:1] in (" ", "+")
        body.append(line)
    return body
