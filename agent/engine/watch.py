"""The eye on a lease while a step runs: signs of life to the others, cancel and pause to the step."""

import contextlib
import threading
from typing import Generic, Protocol, TypeVar

from agent.engine.errors import StoreUnavailable
from agent.engine.lease import Signal
from agent.engine.pace import Pace, Timer

L = TypeVar("L", contravariant=True)


class Leases(Protocol[L]):
    """Whoever hands leases out."""

    @property
    def pace(self) -> Pace:
        """Return how often to do what."""

    def renew(self, lease: L) -> Signal:
        """Give a sign of life, and learn what is wanted."""

    def signal(self, lease: L) -> Signal:
        """Learn what is wanted of the owner."""

    def recover(self) -> tuple[str, ...]:
        """Take back the leases of dead and silent owners."""


class Watch(Generic[L]):
    """Renews a lease in the background and sets `interrupt` when the step should stop."""

    def __init__(self, leases: Leases[L], lease: L, stop: threading.Event) -> None:
        self._leases = leases
        self._lease = lease
        self.stop = stop
        self.interrupt = threading.Event()
        self.signal = Signal.GO_ON
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="lease", daemon=True)

    def __enter__(self) -> "Watch[L]":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        pace = self._leases.pace
        renewal, look = Timer(pace.renew), Timer(pace.look)
        while not self._done.wait(pace.poll):
            if self.stop.is_set():
                self.interrupt.set()
            # An outage may end; whether the lease held meanwhile is found out at the next write.
            with contextlib.suppress(StoreUnavailable):
                renew = self._leases.renew if renewal.is_due() else self._leases.signal
                self.signal = renew(self._lease)
                if look.is_due():
                    # A process that works for long still has an eye on the others.
                    self._leases.recover()
            if self.signal is not Signal.GO_ON:
                self.interrupt.set()
