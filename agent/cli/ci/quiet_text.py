"""Standard output and error in which a runner of GitHub finds no commands."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from agent.ci.shown import quiet


class QuietText(io.TextIOWrapper):
    """A text stream whose every write begins on a line of its own."""

    def __init__(self, binary: BinaryIO) -> None:
        super().__init__(binary, encoding="utf-8", errors="replace", line_buffering=True)

    def write(self, text: str, /) -> int:
        """Write a text without what the runner would act on."""
        super().write(quiet(text))
        return len(text)


@contextmanager
def quiet_streams() -> Iterator[None]:
    """Replace both streams while the block runs."""
    before = sys.stdout, sys.stderr
    for stream in before:
        stream.flush()
    quiet_out, quiet_err = QuietText(sys.stdout.buffer), QuietText(sys.stderr.buffer)
    sys.stdout, sys.stderr = quiet_out, quiet_err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        # Detached, so that closing them does not close what they write to.
        for stream in (quiet_out, quiet_err):
            stream.detach()
