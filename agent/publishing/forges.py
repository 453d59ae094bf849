"""The forges that publishers write to, one for each installation of an App, and how long each is busy."""

import time
from collections.abc import Callable

from agent.protocol.errors import RatchetError
from agent.repo.forge.errors import ForgeBusy, ForgeUnreachable
from agent.repo.forge.port import Forge

OpenForge = Callable[[int | None], Forge]
"""From the installation of an App, None for a token, to its forge; raises RatchetError."""


class Forges:
    """Forges by installation, opened once; threads may share them."""

    def __init__(self, open_forge: OpenForge, clock: Callable[[], float] = time.time) -> None:
        self._open = open_forge
        self._clock = clock
        self._opened: dict[int | None, Forge] = {}
        self._busy: dict[int | None, float] = {}

    def of(self, installation: int | None) -> Forge:
        """Return the forge of an installation; raises ForgeBusy, and ForgeUnreachable without a key."""
        left = self._busy.get(installation, 0.0) - self._clock()
        if left > 0:
            raise ForgeBusy("the forge asked to be left alone for a while", seconds=left)
        if installation not in self._opened:
            self._opened[installation] = self._new(installation)
        return self._opened[installation]

    def busy(self, installation: int | None, seconds: float) -> None:
        """Ask nothing for some seconds, in none of the repositories: its limits hold for all of them."""
        self._busy[installation] = self._clock() + seconds

    def _new(self, installation: int | None) -> Forge:
        try:
            return self._open(installation)
        except ForgeBusy:
            raise
        except RatchetError as error:
            # No task is to blame for a key that is missing.
            raise ForgeUnreachable(error.message, hint=error.hint) from error
