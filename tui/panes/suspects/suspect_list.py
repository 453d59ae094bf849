"""The suspicious lines, the most suspicious first."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from agent.protocol.proposal import Suspect
from tui.panes.listing import Listing
from tui.panes.suspects.paint import suspect_content


class SuspectList(Listing):
    """One line a suspect."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "To the source")]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._suspects: Sequence[Suspect] = ()
        self._changed: Collection[tuple[str, int]] = ()

    @property
    def pointed(self) -> Suspect | None:
        """Return the suspect under the cursor, None when there is none."""
        return self._suspects[self.cursor] if self._suspects else None

    def show(self, suspects: Sequence[Suspect]) -> None:
        """Show other suspects."""
        self._suspects = suspects
        self.fill(len(suspects))

    def mark(self, changed: Collection[tuple[str, int]]) -> None:
        """Mark the places that the proposal changes."""
        self._changed = changed
        self.repaint()

    def line_at(self, index: int, width: int) -> tuple[Content, Content]:
        """Paint a suspect."""
        one = self._suspects[index]
        changed = (one.path, one.line) in self._changed
        return suspect_content(index + 1, one, width, changed=changed), Content("")
