"""What is painted first: the frame of the app, while the rest is loaded."""

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Footer, Static

from tui.safe import content

_WRITING = ("enter", "backspace", "left", "right", "ctrl+j")


class Opening(Screen[None]):
    """Lies below every other screen, and is seen for as long as there is none; keeps what is typed."""

    def __init__(self) -> None:
        super().__init__()
        self._typed: list[events.Key | events.Paste] = []

    def compose(self) -> ComposeResult:
        """Lay out the frame."""
        yield Static("Ratchet", id="title", markup=False)
        yield Static("starting…", id="opening", markup=False)
        yield Footer()

    def on_key(self, event: events.Key) -> None:
        """Keep what is for the prompt that is not there yet."""
        if event.is_printable or event.key in _WRITING:
            self._typed.append(events.Key(event.key, event.character))

    def on_paste(self, event: events.Paste) -> None:
        """Keep it, too."""
        self._typed.append(events.Paste(event.text))

    def take_typed(self) -> list[events.Key | events.Paste]:
        """Return what was typed, once."""
        typed, self._typed = self._typed, []
        return typed

    def tell(self, sentence: str, hint: str = "") -> None:
        """Say how it stands with the start."""
        self.query_one("#opening", Static).update(content(f"{sentence}\n\n{hint}"))
