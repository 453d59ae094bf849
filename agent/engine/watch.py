"""The eye on a lease while a step runs: signs of life to the others, cancel and pause to the step."""

import contextlib
import threading

from agent.engine.errors import StoreUnavailable
from agent.engine.lease import Lease, Signal
from agent.engine.pace import Timer
from agent.engine.queue import Queue


class Watch:
    """Renews a lease in the background and sets `interrupt` when the step should stop."""

    def __init__(self, queue: Queue, lease: Lease, stop: threading.Event) -> None:
        self._queue = queue
        self._lease = lease
        self.stop = stop
        self.interrupt = threading.Event()
        self.signal = Signal.GO_ON
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"lease {lease.task_id}", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        pace = self._queue.pace
        renewal, look = Timer(pace.renew), Timer(pace.look)
        while not self._done.wait(pace.poll):
            if self.stop.is_set():
                self.interrupt.set()
            # An outage may end; whether the lease held meanwhile is found out at the next write.
            with contextlib.suppress(StoreUnavailable):
                renew = self._queue.renew if renewal.is_due() else self._queue.signal
                self.signal = renew(self._lease)
                if look.is_due():
                    # A process that works for long still has an eye on the others.
                    self._queue.recover()
            if self.signal is not Signal.GO_ON:
                self.interrupt.set()
