"""An entry in a transcript: folded or not, and how many rows it takes."""

from tui.widgets.entry import Entry, Form
from tui.widgets.lines import Lines
from tui.widgets.prose import MOST


class Block:
    """A head of one row; where it is unfolded its body below, and an empty row."""

    def __init__(self, entry: Entry, lines: Lines | None = None) -> None:
        self.entry = entry
        self.folded = entry.folded
        self._lines = lines
        self.measured: int | None = None
        """Rows of a body that is wrapped, None until it was laid out at the width of the view."""

    @property
    def lines(self) -> Lines | None:
        """Return the body where it is laid out as it is; may still grow."""
        if self._lines is None and (self.entry.form is Form.LINES or len(self.entry.body) > MOST):
            self._lines = Lines(self.entry.body)
        return self._lines

    @lines.setter
    def lines(self, lines: Lines) -> None:
        self._lines = lines

    @property
    def foldable(self) -> bool:
        """Say whether there is a body."""
        return bool(self._lines) if self._lines is not None else bool(self.entry.body)

    @property
    def unfolded(self) -> bool:
        """Say whether its body is shown."""
        return self.foldable and not self.folded

    @property
    def guessed(self) -> bool:
        """Say whether `rows` is a guess."""
        return self.unfolded and self.measured is None and self.lines is None

    @property
    def body_rows(self) -> int:
        """Return the rows of the body where it is unfolded."""
        if self.lines is not None:
            return len(self.lines)
        return self.entry.body.count("\n") + 1 if self.measured is None else self.measured

    @property
    def rows(self) -> int:
        """Return the rows that it takes."""
        return 2 + self.body_rows if self.unfolded else 1

    def text(self) -> str:
        """Return all of it, as it came."""
        return "\n".join((self.entry.title, self.lines.text() if self.lines is not None else self.entry.body))
