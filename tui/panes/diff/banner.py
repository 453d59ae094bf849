"""What holds for the hunks that are kept, above the diff."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui.panes.diff.palette import MUTED
from tui.panes.diff.standing import Mood, Standing
from tui.safe import content, line

_LONGEST = 400
_SIGNS = {
    Mood.GOOD: ("✓", "bold $text-success"),
    Mood.BAD: ("✗", "bold $text-error"),
    Mood.OPEN: ("!", "bold $text-warning"),
    Mood.BUSY: ("…", MUTED),
}


class Banner(Static):
    """A line each, wrapped where it has to be."""

    DEFAULT_CSS = """
    Banner { height: auto; max-height: 5; background: $panel; padding: 0 1; }
    """

    def __init__(self) -> None:
        super().__init__(markup=False)

    def tell(self, told: Sequence[Standing], keys: str) -> None:
        """Show what is known, and which keys do something about it."""
        lines = [
            content(f"{_SIGNS[one.mood][0]} {line(one.words, _LONGEST)}", _SIGNS[one.mood][1]) for one in told
        ]
        lines += [content(keys, MUTED)] if keys else []
        self.update(Content("\n").join(lines))
