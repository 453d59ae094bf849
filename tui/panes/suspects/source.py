"""The source of one file, each line with its heat."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rich.cells import cell_len
from textual.content import Content

from tui.panes.listing import Listing
from tui.panes.suspects.heat import HeatMap
from tui.panes.suspects.paint import gutter


@dataclass(frozen=True, slots=True)
class Shown:
    """Lines of a file, by `numbers` where they do not follow each other; `changed` holds numbers."""

    heat: HeatMap
    lines: Sequence[Content]
    numbers: Sequence[int] = field(default_factory=tuple)
    changed: frozenset[int] = frozenset()

    def number(self, index: int) -> int:
        """Return the number, from 1, of a line in its file."""
        return self.numbers[index] if self.numbers else index + 1

    def index(self, number: int) -> int:
        """Return where the line of a number is, or would be."""
        if not self.numbers:
            return number - 1
        return sum(one < number for one in self.numbers)


class Source(Listing):
    """Keeps line numbers and heat in sight when long lines are scrolled to."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._shown: Shown | None = None
        self._widest = 0

    @property
    def number(self) -> int:
        """Return the number of the line that is pointed at, 0 when there is none."""
        return self._shown.number(self.cursor) if self._shown and self.count else 0

    def show(self, shown: Shown, number: int) -> None:
        """Show lines, and point at one by its number."""
        if self._shown is None or self._shown.lines is not shown.lines:
            self._widest = max((cell_len(one.plain) for one in shown.lines), default=0)
        self._shown = shown
        edge = gutter(1, shown.heat).cell_length
        self.fill(len(shown.lines), cursor=shown.index(number), width=self._widest + edge)

    def paint(self, lines: Sequence[Content]) -> None:
        """Show the same lines in other colours."""
        if self._shown is not None:
            self._shown = replace(self._shown, lines=lines)
            self.repaint()

    def point(self, number: int) -> None:
        """Point at a line by its number, in the middle of what is seen."""
        if self._shown is not None:
            self.cursor = self._shown.index(number)
            self.scroll_to(y=self.cursor - self.size.height // 2, animate=False, force=True)

    def line_at(self, index: int, width: int) -> tuple[Content, Content]:
        """Paint a line beside its number and its heat."""
        assert self._shown is not None
        number = self._shown.number(index)
        edge = gutter(number, self._shown.heat, changed=number in self._shown.changed)
        return edge, self._shown.lines[index]
