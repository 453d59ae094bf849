"""What is painted first: the frame of the app, while the rest is loaded."""

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer, Static


class Opening(Screen[None]):
    """Lies below every other screen, and is seen for as long as there is none."""

    def compose(self) -> ComposeResult:
        """Lay out the frame."""
        yield Static("Ratchet", id="title", markup=False)
        yield Static("starting…", id="opening", markup=False)
        yield Footer()
