"""An editor's buffer that shares no code with the server: code points, and positions found by counting."""

from collections.abc import Sequence
from typing import Protocol


class Position(Protocol):
    """A line and an offset in it."""

    @property
    def line(self) -> int: ...

    @property
    def character(self) -> int: ...


class Reference:
    """A text that is edited by positions as LSP 3.17 defines them."""

    def __init__(self, text: str, encoding: str) -> None:
        self.points = whole(text)
        self.encoding = encoding

    @property
    def text(self) -> str:
        return "".join(map(chr, self.points))

    def index(self, place: Position) -> int:
        """Return the code point that a position names; raises ValueError."""
        index = self._begin(place.line)
        left = place.character
        if left < 0:
            raise ValueError("before the line")
        while left > 0 and index < len(self.points) and self.points[index] not in (10, 13):
            left -= width(self.points[index], self.encoding)
            index += 1
        if left < 0:
            raise ValueError("inside a character")
        return index

    def edit(self, start: Position, end: Position, text: str) -> None:
        """Replace a range; raises ValueError."""
        if start.line > end.line:
            raise ValueError("reversed")
        self.apply_all([(start, end, text)])

    def apply_all(self, edits: Sequence[tuple[Position, Position, str]]) -> None:
        """Apply edits that all mean the text as it is now; raises ValueError when they overlap."""
        found = sorted(
            (self.index(start), self.index(end), place) for place, (start, end, _) in enumerate(edits)
        )
        position, made = 0, ""
        for begin, finish, place in found:
            if begin > finish or begin < position:
                raise ValueError("overlapping or reversed")
            made += "".join(map(chr, self.points[position:begin])) + edits[place][2]
            position = finish
        self.points = whole(made + "".join(map(chr, self.points[position:])))

    def _begin(self, line: int) -> int:
        begin = 0
        for number in range(line):
            index = begin
            while index < len(self.points) and self.points[index] not in (10, 13):
                index += 1
            if index == len(self.points):
                # Editors name the line behind the last one when they mean the end of it.
                if number < line - 1 or begin == index:
                    raise ValueError("behind the last line")
                return index
            begin = index + (2 if self.points[index : index + 2] == [13, 10] else 1)
        return begin


def width(point: int, encoding: str) -> int:
    """Return how many units a code point has."""
    if encoding == "utf-32":
        return 1
    if encoding == "utf-16":
        return 2 if point > 0xFFFF else 1
    return 1 if point < 0x80 else 2 if point < 0x800 else 3 if point < 0x10000 else 4


def whole(text: str) -> list[int]:
    """Return code points, two halves of one that stand together as one."""
    found: list[int] = []
    for point in map(ord, text):
        if 0xDC00 <= point < 0xE000 and found and 0xD800 <= found[-1] < 0xDC00:
            found[-1] = 0x10000 + ((found[-1] - 0xD800) << 10) + (point - 0xDC00)
        else:
            found.append(point)
    return found
