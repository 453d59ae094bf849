"""The eye on a lease while a step runs: signs of life to the others, cancel and pause to the step."""

import threading
import time
from collections.abc import Iterator

from agent.engine.errors import StoreUnavailable
from agent.engine.lease import Lease, Signal
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
        for due in self._ticks():
            if self.stop.is_set():
                self.interrupt.set()
            try:
                self.signal = self._queue.renew(self._lease) if due else self._queue.signal(self._lease)
            except StoreUnavailable:
                # It may come back; whether the lease held meanwhile is found out at the next write.
                continue
            if self.signal is not Signal.GO_ON:
                self.interrupt.set()

    def _ticks(self) -> Iterator[bool]:
        """Yield at every poll whether the lease has to be renewed."""
        renewed = time.monotonic()
        while not self._done.wait(self._queue.pace.poll):
            due = time.monotonic() - renewed >= self._queue.pace.renew
            if due:
                renewed = time.monotonic()
            yield due
