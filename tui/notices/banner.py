"""The line about a daemon that is gone, which goes away by itself, or about a recording."""

from textual.widgets import Static

from tui.desk import Desk
from tui.feed.feed import Link, LinkState
from tui.safe import content, line

_NEXT = {Link.LOST: "looking for it", Link.DOWN: "Ctrl+R tries again"}


def banner(state: LinkState, *, was_shown: bool) -> str:
    """Return what is to be said, empty for nothing; `was_shown` while it was said that the daemon is gone."""
    if state.link in _NEXT:
        return " · ".join(one for one in (f"! {state.reason}", state.hint, _NEXT[state.link]) if one)
    if state.link is Link.CONNECTING and was_shown:
        return state.reason or "looking for the daemon again…"
    if state.link is Link.RECORDED:
        return " · ".join(one for one in (state.reason, state.hint) if one)
    return ""


class LinkBanner(Static):
    """On top of a screen while there is something to say."""

    DEFAULT_CSS = """
    LinkBanner { dock: top; height: auto; max-height: 3; padding: 0 1; display: none;
        background: $warning-muted; color: $text-warning; text-style: bold; }
    LinkBanner.shown { display: block; }
    LinkBanner.calm { background: $panel; color: $text-muted; text-style: none; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(markup=False)
        self._desk = desk
        self._said = ""

    def on_mount(self) -> None:
        """Listen to the link."""
        self._desk.told.link.subscribe(self, self._show)
        self._show(self._desk.told.link_state)

    def _show(self, state: LinkState) -> None:
        said = banner(state, was_shown=self.has_class("shown"))
        if said == self._said:
            return
        self._said = said
        self.set_class(bool(said), "shown")
        self.set_class(state.link is Link.RECORDED, "calm")
        self.update(content(line(said, 400)))
        self.screen.refresh_bindings()
