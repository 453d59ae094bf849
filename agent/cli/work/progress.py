"""Live progress of a task: one updating line on a terminal, plain lines in a pipe, always on stderr."""

import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.text import Text

from agent.cli.terminal import sanitize
from agent.protocol.progress import Progress

_QUIET_SECONDS = 5.0


class ProgressLine:
    """A context manager that is called with each update."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()
        self._last = Progress(phase="")
        self._printed = 0.0
        self._live = Live(self, console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> "ProgressLine":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def hide(self) -> None:
        """Leave the terminal to somebody else until `show`."""
        self._live.stop()

    def show(self) -> None:
        """Go on after `hide`."""
        if self._console.is_terminal:
            self._live.start()

    def __call__(self, update: Progress) -> None:
        """Take an update; fields left at None keep their value while the phase lasts."""
        new_phase = update.phase != self._last.phase
        if update.only_adds and not new_phase:
            return
        kept = {} if new_phase else self._last.model_dump(exclude_none=True)
        self._last = Progress(**{**kept, **update.model_dump(exclude_none=True)})
        if not self._console.is_terminal and (new_phase or self._overdue()):
            self._printed = time.monotonic()
            self._console.print(self._text())

    def __rich__(self) -> Text:
        return self._text()

    def _overdue(self) -> bool:
        return time.monotonic() - self._printed >= _QUIET_SECONDS

    def _text(self) -> Text:
        update = self._last
        parts = [sanitize(part) for part in figures(update)]
        text = Text(f"{time.monotonic() - self._began:6.1f} s  ", style="dim")
        text.append(f"{update.phase:<12}", style="bold cyan")
        text.append("  ".join(parts), style="default")
        if self._console.is_terminal:
            text.truncate(self._console.width, overflow="ellipsis")
        return text


def figures(update: Progress) -> list[str]:
    """Return what an update says, piece by piece."""
    parts = [update.message] if update.message else []
    if update.done is not None:
        parts.append(f"{update.done}/{update.total}" if update.total else str(update.done))
    if update.candidates is not None:
        parts.append(f"{update.candidates} candidates")
    if update.candidates_per_second:
        parts.append(f"{update.candidates_per_second:.0f}/s")
    if update.best:
        parts.append(f"best: {update.best}")
    if update.seconds_left is not None:
        parts.append(f"{max(0.0, update.seconds_left):.0f} s left")
    return parts
