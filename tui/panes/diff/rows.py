"""The rows of a diff as they lie below each other, one column wide or two."""

from collections.abc import Iterator, Sequence
from enum import Enum, auto
from itertools import groupby, zip_longest
from typing import NamedTuple

from agent.patches.hunks import HEAD, FileDiff, Hunk, Line, Part, parts


class Kind(Enum):
    """What a row is."""

    FILE = auto()
    """The name of a file, above everything about it."""
    OWN = auto()
    """What happens to the file itself: its name, its mode, its bytes."""
    HUNK = auto()
    """The head of a hunk."""
    LINE = auto()
    GAP = auto()


class Side(NamedTuple):
    """A line on one side, with its number there."""

    number: int
    line: Line


class Shows(Enum):
    """What of its two sides a row of the kind LINE shows; the other one is there to be compared with."""

    BOTH = auto()
    OLD = auto()
    NEW = auto()


class Row(NamedTuple):
    """One row; of a line that stayed both sides are the same."""

    kind: Kind
    part: Part
    """What it belongs to; that of a file is the first of it."""
    old: Side | None = None
    new: Side | None = None
    shows: Shows = Shows.BOTH
    hunk: Hunk | None = None
    """Of a line, and of the head of a hunk."""

    @property
    def stayed(self) -> bool:
        """Say whether it is a line that did not change."""
        return self.old is not None and self.old.line.sign == " "


def rows_of(files: Sequence[FileDiff], *, split: bool) -> list[Row]:
    """Return the rows of all files."""
    found: list[Row] = []
    for number, file in enumerate(files):
        own = Part(number, HEAD)
        first = own if file.has_own_change else Part(number, 0)
        found += [Row(Kind.GAP, first)] if number else []
        found.append(Row(Kind.FILE, first))
        if file.has_own_change:
            found.append(Row(Kind.OWN, own))
        for index, hunk in enumerate(file.hunks):
            part = Part(number, index) if file.divisible else own
            if file.divisible:
                found.append(Row(Kind.HUNK, part, hunk=hunk))
            found += _lines(hunk, part, split=split)
    return found


def tops(files: Sequence[FileDiff], rows: Sequence[Row]) -> dict[Part, int]:
    """Return the row at which each part begins."""
    heads = (Kind.HUNK, Kind.OWN)
    found = {row.part: number for number, row in enumerate(rows) if row.kind in heads}
    return {part: found[part] for part in parts(files)}


def _lines(hunk: Hunk, part: Part, *, split: bool) -> Iterator[Row]:
    for run in _runs(hunk):
        if split or (run[0][0] is not None and run[0][0].line.sign == " "):
            yield from (Row(Kind.LINE, part, old, new, Shows.BOTH, hunk) for old, new in run)
        else:
            yield from (Row(Kind.LINE, part, old, new, Shows.OLD, hunk) for old, new in run if old)
            yield from (Row(Kind.LINE, part, old, new, Shows.NEW, hunk) for old, new in run if new)


def _runs(hunk: Hunk) -> Iterator[list[tuple[Side | None, Side | None]]]:
    """Yield what lies beside each other: lines that stayed, or removed ones with those in their place."""
    old, new = hunk.old_start, hunk.new_start
    for stayed, lines in groupby(hunk.lines, lambda line: line.sign == " "):
        run = list(lines)
        removed = [line for line in run if line.sign != "+"]
        added = [line for line in run if stayed or line.sign == "+"]
        before = [Side(old + at, line) for at, line in enumerate(removed)]
        after = [Side(new + at, line) for at, line in enumerate(added)]
        yield list(zip_longest(before, after))
        old, new = old + len(removed), new + len(added)
