"""Which row belongs to which block, however many there are."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from tui.widgets.block import Block


class Rows:
    """The blocks of a transcript below each other; whoever changes one of them says so with `changed`."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.total = 0
        """Rows of all blocks."""
        self.widest = 0
        """Characters of the longest line that is laid out as it is."""
        self._tops: list[int] = []

    def put(self, first: int, blocks: Sequence[Block]) -> None:
        """Have these blocks from the given place on, instead of those that were there."""
        self.blocks[first:] = blocks
        self.changed(first)

    def changed(self, first: int = 0) -> None:
        """Take in that blocks from the given one on are of another height."""
        first = min(first, len(self._tops))
        before = self._tops[first] if first < len(self._tops) else self.total
        sums = list(accumulate((block.rows for block in self.blocks[first:]), initial=before))
        self._tops[first:] = sums[:-1]
        self.total = sums[-1]
        unfolded = (one.lines for one in self.blocks[first:] if one.unfolded)
        wide = (lines.width for lines in unfolded if lines is not None)
        self.widest = max(self.widest, max(wide, default=0))

    def top(self, number: int) -> int:
        """Return the row of the head of a block."""
        return self._tops[number]

    def at(self, row: int) -> int:
        """Return the number of the block that a row belongs to, the last one's below all."""
        return max(0, bisect_right(self._tops, row) - 1)

    def seen(self, top: int, height: int) -> range:
        """Return the numbers of the blocks in a view."""
        return range(self.at(top), min(self.at(top + height) + 1, len(self.blocks)))

    def guessed(self, numbers: range) -> list[int]:
        """Return which of some blocks have a height that is a guess."""
        return [number for number in numbers if self.blocks[number].guessed]

    def measured(self, number: int, rows: int) -> int:
        """Take in the height of a body; returns by how many rows its block grew."""
        block = self.blocks[number]
        before = block.rows
        block.measured = rows
        self.changed(number)
        return block.rows - before
