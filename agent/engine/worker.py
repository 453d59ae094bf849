"""The engine on leases: takes a task, runs its steps one by one, and gives it back."""

import contextlib
import threading
import time
from collections.abc import Iterator

from agent.engine.checkpoints import Checkpoints
from agent.engine.database import Database
from agent.engine.errors import LeaseLost, StoreUnavailable
from agent.engine.lease import Lease, Owner, Signal
from agent.engine.outbox import Outbox
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.story import Hold, Listener, Performer, Story
from agent.protocol.event import Body, Event, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState, advance

MAX_TRIES = 5
"""Owners that a task may outlive before it is given up."""
POLL_SECONDS = 0.5
"""How long a queued task or a cancel may go unnoticed when nobody wakes the worker."""
RENEW_SECONDS = 5.0


class Worker:
    """An Engine that runs one task at a time in the calling thread."""

    def __init__(self, database: Database, queue: Queue, owner: Owner, listener: Listener) -> None:
        self._database = database
        self._store = TaskStore(database)
        self._queue = queue
        self._owner = owner
        self._listener = listener
        self._awake = threading.Event()

    def wake(self) -> None:
        """Say that a task was queued, so that it need not wait for the next look."""
        self._awake.set()

    def serve(self, story: Story, stop: threading.Event) -> None:
        """Run one step after the other; returns soon after `stop` is set, with no lease held."""
        recovered = 0.0
        while not stop.is_set():
            self._awake.clear()
            if time.monotonic() - recovered >= RENEW_SECONDS:
                recovered = time.monotonic()
                self._recover()
            if not self.run_next(story, stop):
                self._awake.wait(POLL_SECONDS)

    def run_next(self, story: Story, stop: threading.Event) -> bool:
        """Run the task whose turn it is until it ends, waits or must yield; False when there is none."""
        lease = self._queue.claim(self._owner)
        if lease is None:
            return False
        try:
            with contextlib.suppress(LeaseLost):
                self._run(lease, story, stop)
        finally:
            self._queue.release(lease)
        return True

    def _recover(self) -> None:
        self._store.rebuild()
        self._queue.recover()

    def _run(self, lease: Lease, story: Story, stop: threading.Event) -> None:
        state = self._store.state(lease.task_id)
        if lease.tries > MAX_TRIES:
            self._append(lease, state.step_key("finish"), _given_up(), 0.0)
            return
        with _Watch(self._queue, lease, stop) as watch:
            performer = story.open(state, self._hold(lease, watch))
            try:
                self._perform_all(lease, story, performer, state, watch)
            finally:
                performer.close()

    def _perform_all(
        self, lease: Lease, story: Story, performer: Performer, state: TaskState, watch: "_Watch"
    ) -> None:
        while (step_key := story.next_step(state)) is not None:
            began = time.monotonic()
            body = performer.perform(state, step_key)
            if body is None:
                return
            seconds = max(0.0, time.monotonic() - began - performer.uncounted)
            self._append(lease, step_key, body, seconds)
            for event in self._store.events(lease.task_id, after=state.seq):
                state = advance(state, event)
            if watch.stop.is_set() or self._queue.must_yield(lease):
                return

    def _append(self, lease: Lease, step_key: str, body: Body, seconds: float) -> Event:
        event = self._store.append(lease.task_id, step_key, body, lease=lease, seconds=seconds)
        self._listener.on_event(event)
        return event

    def _hold(self, lease: Lease, watch: "_Watch") -> Hold:
        return Hold(
            task_id=lease.task_id,
            interrupt=watch.interrupt,
            cancelled=lambda: watch.signal is Signal.CANCEL,
            checkpoints=Checkpoints(self._database, lease),
            outbox=Outbox(self._database, lease),
            on_progress=lambda update: self._listener.on_progress(lease.task_id, update),
            split=lambda spec, task_id, facts: self._store.create(spec, task_id=task_id, facts=facts),
        )


class _Watch:
    """Renews a lease in the background and sets `interrupt` when the step should stop."""

    def __init__(self, queue: Queue, lease: Lease, stop: threading.Event) -> None:
        self._queue = queue
        self._lease = lease
        self.stop = stop
        self.interrupt = threading.Event()
        self.signal = Signal.GO_ON
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"lease {lease.task_id}", daemon=True)

    def __enter__(self) -> "_Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        for seconds in self._ticks():
            try:
                due = seconds >= RENEW_SECONDS
                self.signal = self._queue.renew(self._lease) if due else self._queue.signal(self._lease)
            except StoreUnavailable:
                # The database may come back; whether the lease held is found out at the next write.
                continue
            if self.signal is not Signal.GO_ON or self.stop.is_set():
                self.interrupt.set()

    def _ticks(self) -> Iterator[float]:
        """Yield the seconds since the last renewal, POLL_SECONDS apart."""
        renewed = time.monotonic()
        while not self._done.wait(POLL_SECONDS):
            seconds = time.monotonic() - renewed
            yield seconds
            if seconds >= RENEW_SECONDS:
                renewed = time.monotonic()


def _given_up() -> TaskFinished:
    return TaskFinished(
        outcome=Outcome.ERROR,
        reason=f"the process that ran this task died {MAX_TRIES} times without finishing a step",
        hint="see `ratchet daemon logs`; `ratchet tasks retry` begins again",
    )
