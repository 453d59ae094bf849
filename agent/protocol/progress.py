"""What a running task tells whoever watches; shown live, never stored."""

from collections.abc import Callable

from agent.protocol.value import Value


class Progress(Value):
    """One update; a field left at None keeps its last value on screen."""

    phase: str
    """snapshot, environment, reproduce, localize, search, minimize, model, verify, deliver."""
    message: str = ""
    done: int | None = None
    total: int | None = None
    candidates: int | None = None
    candidates_per_second: float | None = None
    best: str | None = None
    seconds_left: float | None = None
    text: str | None = None
    """The next piece of what a model says; an empty one takes back what it said in this turn."""
    output: str | None = None
    """The next piece of what a command in the sandbox prints, as it was printed; pieces may be left out."""

    @property
    def only_adds(self) -> bool:
        """Say whether it brings a piece of text or output and nothing else that is new."""
        return not self.message and (self.text is not None or self.output is not None)


OnProgress = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Ignore an update."""
