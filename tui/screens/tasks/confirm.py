"""Asks before work is thrown away."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static

from tui.safe import content

_MOST = 8


class Confirm(ModalScreen[bool]):
    """True when the user agreed; `about` are lines of outside text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "dismiss(True)", "Yes"),
        Binding("n,escape", "dismiss(False)", "No"),
    ]
    DEFAULT_CSS = """
    Confirm { align: center middle; }
    Confirm > Vertical { width: 70; max-width: 90%; height: auto; border: round $warning; padding: 0 1;
        background: $surface; }
    Confirm #question { text-style: bold; }
    Confirm #about { color: $text-muted; }
    """

    def __init__(self, question: str, about: Sequence[str]) -> None:
        super().__init__()
        self._question = question
        more = len(about) - _MOST
        self._about = (*about[:_MOST], *((f"and {more} more",) if more > 0 else ()))

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical():
            yield Static(self._question, id="question", markup=False)
            yield Static(content("\n".join(self._about)), id="about", markup=False)
        yield Footer()
