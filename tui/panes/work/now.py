"""What a running task tells about itself, of which nothing is stored."""

from agent.protocol.progress import Progress
from tui.panes.work.amounts import seconds, several
from tui.widgets.lines import Lines


class Now:
    """Takes in updates; what they say holds until the next event of the task."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        """The newest update with what those before it in the same phase said; None while nothing is told."""
        self.said = ""
        """What the model says in this turn, as far as it came."""
        self.output: Lines | None = None
        """What a command in the sandbox prints."""

    def take(self, update: Progress) -> None:
        """Take in an update."""
        kept = self.progress if self.progress is not None and self.progress.phase == update.phase else None
        told = {} if kept is None else kept.model_dump(exclude_none=True)
        newer = update.model_dump(exclude_none=True)
        if not update.message:
            newer.pop("message")
        self.progress = Progress(**{**told, **newer, "text": None, "output": None})
        if update.text is not None:
            self.said = self.said + update.text if update.text else ""
        if update.output:
            self.output = self.output or Lines()
            self.output.add(update.output)

    def end(self) -> Lines | None:
        """Forget what held until an event; returns what was printed until then."""
        output, self.output = self.output, None
        self.progress, self.said = None, ""
        return output


def figures(update: Progress) -> tuple[str, ...]:
    """Return what an update says, piece by piece; the first is the phase."""
    done = f"{update.done:,}" if update.done is not None else ""
    rate = update.candidates_per_second
    parts = (
        update.phase,
        update.message,
        f"{done}/{update.total:,}" if done and update.total else done,
        several(update.candidates, "candidate") if update.candidates is not None else "",
        f"{rate:,.0f}/s" if rate else "",
        f"best: {update.best}" if update.best else "",
        f"{seconds(max(0.0, update.seconds_left))} left" if update.seconds_left is not None else "",
    )
    return tuple(filter(None, parts))
