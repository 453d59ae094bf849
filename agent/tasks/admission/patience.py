"""Asks a forge again that is busy or away, for as long as somebody is willing to wait."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from agent.protocol.errors import Interrupted
from agent.repo.forge.errors import ForgeBusy, ForgeUnreachable
from agent.repo.remote import RemoteAway

MOST_SECONDS = 900.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
T = TypeVar("T")


def patiently(
    ask: Callable[[], T],
    *,
    cancel: threading.Event,
    say: Callable[[str], None],
    most: float = MOST_SECONDS,
) -> T:
    """Return what `ask` returns, which only reads; waits at most `most` seconds in all.

    `say` is told why it waits. Raises Interrupted once `cancel` is set, and the last ForgeError.
    """
    until, pause = time.monotonic() + most, _FIRST_PAUSE
    while True:
        try:
            return ask()
        except (ForgeBusy, ForgeUnreachable, RemoteAway) as error:
            seconds = max(error.seconds, _FIRST_PAUSE) if isinstance(error, ForgeBusy) else pause
            if time.monotonic() + seconds > until:
                raise
            say(f"waiting {seconds:.0f} s for the forge: {error.message}")
        if cancel.wait(seconds):
            raise Interrupted("cancelled while waiting for the forge")
        pause = min(_LONGEST_PAUSE, 2 * pause)
