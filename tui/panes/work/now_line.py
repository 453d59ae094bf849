"""One line below the transcript: what a running task does right now."""

from textual.content import Content
from textual.widgets import Static

from agent.protocol.progress import Progress
from tui.panes.work.now import figures
from tui.safe import content, line


class NowLine(Static):
    """Shows the newest update; there for as long as something may come."""

    DEFAULT_CSS = """
    NowLine { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; background: $boost; }
    """

    def __init__(self) -> None:
        super().__init__("", id="now", markup=False)
        self.display = False
        self._told: tuple[str, ...] = ()

    def show(self, progress: Progress | None, *, ended: bool) -> None:
        """Show an update."""
        self.display = not ended
        told = figures(progress) if progress is not None else ()
        if told != self._told:
            self._told = told
            self.update(_content(told))


def _content(told: tuple[str, ...]) -> Content:
    if not told:
        return Content("")
    phase, *rest = (line(one, 300) for one in told)
    return content(f"◐ {phase}  ", "bold $text-primary") + content(" · ".join(rest))
