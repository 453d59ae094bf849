"""The engine on leases: takes a task, runs its steps one by one, and gives it back."""

import logging
import threading
import time

from agent.engine.checkpoints import Checkpoints
from agent.engine.database import Database
from agent.engine.errors import LeaseLost, LogUnreadable, NoSuchTask, StoreUnavailable
from agent.engine.lease import Lease, Owner, Signal
from agent.engine.outage import Outage
from agent.engine.outbox import Outbox
from agent.engine.pace import Timer
from agent.engine.places import cancel_place
from agent.engine.queue import Queue
from agent.engine.store import TaskStore
from agent.engine.story import Hold, Listener, Performer, Story
from agent.engine.watch import Watch
from agent.protocol.event import Body, Event, TaskFinished
from agent.protocol.outcome import Outcome
from agent.protocol.state import TaskState, advance

MAX_TRIES = 5
"""Owners that a task may outlive before it is given up."""
REBUILD_SECONDS = 60.0
"""How far apart to look for tasks that only their events know."""


class Worker:
    """An Engine that runs one task at a time in the calling thread."""

    def __init__(self, database: Database, queue: Queue, owner: Owner, listener: Listener) -> None:
        self._database = database
        self._store = TaskStore(database)
        self._queue = queue
        self._owner = owner
        self._listener = listener
        self._awake = threading.Event()
        self._outage = Outage()
        self._kept: list[Lease] = []
        """Leases that could not be given back while the database was away."""
        self._ended: Lease | None = None
        """The newest lease whose task has ended, and the lease with it."""
        self._look = Timer(queue.pace.look)
        self._rebuild = Timer(REBUILD_SECONDS)

    def wake(self) -> None:
        """Say that a task was queued, so that it need not wait for the next look."""
        self._awake.set()

    def serve(self, story: Story, stop: threading.Event) -> None:
        """Run one step after the other; returns soon after `stop` is set, with no lease held.

        Outlives any time in which the database cannot be used.
        """
        self._rebuild.hurry()
        self._look.hurry()
        while not stop.is_set():
            self._awake.clear()
            try:
                self._recover()
                found = self.run_next(story, stop)
            except StoreUnavailable as error:
                self._rebuild.hurry()
                self._outage.wait(error, stop)
                continue
            self._outage.over()
            if not found:
                self._awake.wait(self._queue.pace.poll)

    def run_next(self, story: Story, stop: threading.Event) -> bool:
        """Run the task whose turn it is until it ends, waits or must yield; False when there is none.

        Raises StoreUnavailable, and whatever the story lets through.
        """
        self._give_back()
        lease = self._queue.claim(self._owner)
        if lease is None:
            return False
        blame = True
        try:
            blame = not self._run(lease, story, stop)
        except LeaseLost:
            blame = False
        except LogUnreadable as error:
            self._queue.skip(lease.task_id)
            _log().error("task %s is left alone: %s", lease.task_id, error.message)
        except StoreUnavailable:
            blame = False
            raise
        finally:
            self._release(lease, blame=blame)
        return True

    def _recover(self) -> None:
        if self._rebuild.is_due():
            self._store.rebuild()
        if self._look.is_due():
            self._queue.recover()

    def _run(self, lease: Lease, story: Story, stop: threading.Event) -> bool:
        """Run the steps of a leased task; False when it got nowhere although nobody stopped it."""
        state = self._store.state(lease.task_id)
        if lease.tries > MAX_TRIES:
            self._append(lease, state.step_key("finish"), _given_up(state), 0.0, stop)
            return True
        with Watch(self._queue, lease, stop) as watch:
            performer = story.open(state, self._hold(lease, watch))
            try:
                return self._perform_all(lease, story, performer, state, watch)
            finally:
                performer.close()

    def _perform_all(
        self, lease: Lease, story: Story, performer: Performer, state: TaskState, watch: Watch[Lease]
    ) -> bool:
        first = state.seq
        while (step_key := story.next_step(state)) is not None:
            if state.seq > first and (watch.stop.is_set() or self._queue.must_yield(lease)):
                return True
            began = time.monotonic()
            body = performer.perform(state, step_key)
            if body is None:
                return watch.interrupt.is_set()
            seconds = max(0.0, time.monotonic() - began - performer.uncounted)
            event = self._append(lease, step_key, body, seconds, watch.stop)
            # Only when others recorded something meanwhile: a turn is long, and to read it again takes 2 ms.
            alone = event.seq == state.seq + 1
            for one in [event] if alone else self._store.events(lease.task_id, after=state.seq):
                state = advance(state, one)
        if not (state.finished or state.paused or state.open_approvals):
            # Else it would be taken again and again.
            self._append(lease, state.step_key("finish"), _at_a_loss(state), 0.0, watch.stop)
        return True

    def _append(
        self, lease: Lease, step_key: str, body: Body, seconds: float, stop: threading.Event
    ) -> Event:
        """Record a step, however long the database is away: the work for it may have taken minutes."""
        while True:
            try:
                if self._outage.lasts:
                    self._store.rebuild()
                event = self._store.append(lease.task_id, step_key, body, lease=lease, seconds=seconds)
                break
            except StoreUnavailable as error:
                if stop.is_set():
                    raise
                self._outage.wait(error, stop)
        self._outage.over()
        if isinstance(body, TaskFinished):
            self._ended = lease
        self._listener.on_event(event)
        return event

    def _release(self, lease: Lease, *, blame: bool) -> None:
        if lease is self._ended:
            return
        try:
            if not self._queue.release(lease, blame=blame):
                # Perhaps the row is gone altogether: the next look makes it again.
                self._rebuild.hurry()
        except StoreUnavailable:
            self._kept.append(lease)

    def _give_back(self) -> None:
        while self._kept:
            self._queue.release(self._kept[0])
            self._kept.pop(0)

    def _hold(self, lease: Lease, watch: Watch[Lease]) -> Hold:
        return Hold(
            task_id=lease.task_id,
            interrupt=watch.interrupt,
            cancelled=lambda: watch.signal is Signal.CANCEL,
            checkpoints=Checkpoints(self._database, lease),
            outbox=Outbox(self._database, lease),
            on_progress=lambda update: self._listener.on_progress(lease.task_id, update),
            recall=self._recalled,
            split=lambda spec, task_id, facts: self._store.create(
                spec, task_id=task_id, facts=facts, lease=lease
            ),
            cancel_place=lambda place, by: self._cancelled(lease, place, by),
        )

    def _cancelled(self, lease: Lease, place: str, by: str) -> int:
        led_to = cancel_place(self._store, place, before=lease.task_id, by=by)
        for events in led_to.values():
            for event in events:
                self._listener.on_event(event)
        return len(led_to)

    def _recalled(self, task_id: str) -> TaskState | None:
        try:
            return self._store.state(task_id)
        except (NoSuchTask, LogUnreadable):
            return None


def _given_up(state: TaskState) -> TaskFinished:
    return TaskFinished(
        outcome=Outcome.ERROR,
        reason=f"the process that ran this task died {MAX_TRIES} times without finishing a step",
        hint="see `ratchet daemon logs`; `ratchet tasks retry` begins again",
        seconds=state.seconds,
    )


def _at_a_loss(state: TaskState) -> TaskFinished:
    return TaskFinished(
        outcome=Outcome.ERROR,
        reason="no step follows from what was recorded of this task",
        hint="a newer Ratchet may have begun it; `ratchet tasks retry` begins again",
        seconds=state.seconds,
    )


def _log() -> logging.Logger:
    return logging.getLogger("ratchet.engine")
