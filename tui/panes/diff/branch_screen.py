"""Asks for the name of the branch that a patch is to go to."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class BranchScreen(ModalScreen[str | None]):
    """Returns the name, None when it was left."""

    DEFAULT_CSS = """
    BranchScreen { align: center middle; }
    BranchScreen > Vertical {
        width: 70; max-width: 95%; height: auto; padding: 1 2; background: $surface; border: thick $primary;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Back")]

    def __init__(self, suggested: str) -> None:
        super().__init__()
        self._suggested = suggested

    def compose(self) -> ComposeResult:
        """Lay out the question."""
        with Vertical():
            yield Static("Commit to a new branch; your checkout stays as it is.", markup=False)
            yield Input(self._suggested, placeholder="name of the branch", select_on_focus=False)
            yield Static("Enter commits once it is proven · Esc goes back", markup=False)

    def on_input_submitted(self, submitted: Input.Submitted) -> None:
        """Take the name."""
        if name := submitted.value.strip():
            self.dismiss(name)
