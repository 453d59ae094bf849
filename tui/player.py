"""The app while it plays a recording: with the keys of a player."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType

from tui.app import RatchetApp

if TYPE_CHECKING:
    from tui.feed.recording import RecordedFeed


class Player(RatchetApp):
    """Made with what makes a desk on a `RecordedFeed`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9", "pause", "Pause or go on"),
        Binding("f10", "step", "Next event"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer nothing to play any more at the end of the recording."""
        if action in ("pause", "step") and (self.desk is None or self._recording.ended):
            return False
        return super().check_action(action, parameters)

    def action_pause(self) -> None:
        """Stop playing, or go on."""
        self._recording.pause()

    def action_step(self) -> None:
        """Play one event more, and stop."""
        self._recording.step()

    @property
    def _recording(self) -> "RecordedFeed":
        assert self.desk is not None
        return cast("RecordedFeed", self.desk.feed)
