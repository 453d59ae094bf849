"""Runs tasks in this process, on a database of its own: `--foreground`."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

from agent.config import load_user, machine
from agent.daemon.open_tasks import ABANDONED, FOLDER, unfinished
from agent.engine.catalog import Catalog
from agent.engine.control import Control
from agent.engine.database import Database
from agent.engine.lease import Owner
from agent.engine.queue import Queue
from agent.engine.retention import Keep, prune
from agent.engine.store import TaskStore
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.event import Event
from agent.protocol.policy import Decision
from agent.protocol.progress import Progress
from agent.protocol.task import TaskSpec
from agent.tasks.run import RepairStory

_POLL = 0.5
_NO_BOUND = 1_000_000


class Foreground:
    """Tasks of this process; a context manager. Repositories and environments are shared with the daemon."""

    def __init__(self, state: Path) -> None:
        self._story = RepairStory(state)
        self._database = Database.open(state / FOLDER)
        self._owners = state / FOLDER / "owners"
        self._store = TaskStore(self._database)

    def __enter__(self) -> "Foreground":
        self._tidy()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def _tidy(self) -> None:
        """Forget what nobody comes back for: no daemon looks after these tasks."""
        for task in list(unfinished(Catalog(self._database))):
            if time.time() - task.updated_at > ABANDONED:
                Control(self._store).cancel(task.task_id, by="ratchet")
        prune(self._database, Keep(days=load_user().retention.days))

    def create(self, spec: TaskSpec) -> str:
        """Record a task and return its id."""
        return self._store.create(spec).task_id

    def cancel(self, task_id: str) -> None:
        """Stop a task for good; raises RatchetError."""
        Control(self._store).cancel(task_id, by="cli")

    def resolve(self, task_id: str, approval_id: str, decision: Decision) -> None:
        """Answer what a task asks; raises RatchetError."""
        Control(self._store).resolve(task_id, approval_id, decision, by="cli")

    def items(self, task_id: str) -> Iterator[Event | Progress]:
        """Run a task and yield its events from the first, with updates between them; ends when it does."""
        inbox, stop = _Inbox(), threading.Event()
        seen = 0
        # The steps run in a thread of their own, so that signals reach this one at any time.
        with ThreadPoolExecutor(1, "ratchet task") as pool:
            running = pool.submit(self._run, task_id, inbox, stop)
            running.add_done_callback(inbox.close)
            try:
                for update in inbox:
                    for event in self._store.events(task_id, after=seen):
                        seen = event.seq
                        yield event
                    if update is not None:
                        yield update
            finally:
                stop.set()
            running.result()

    def _run(self, task_id: str, inbox: "_Inbox", stop: threading.Event) -> None:
        with closing(Owner(self._owners)) as owner:
            # Tasks of runs that were killed keep their place in the queue, but nobody waits for it.
            turns = Turns(machine=machine(), per_repository=_NO_BOUND, only=(task_id,))
            queue = Queue(self._database, self._owners, turns)
            queue.recover()
            worker = Worker(self._database, queue, owner, inbox)
            while not stop.is_set() and self._store.state(task_id).finished is None:
                if not worker.run_next(self._story, stop):
                    stop.wait(_POLL)


class _Inbox:
    """What the thread of the steps tells the one that prints: updates, and None for "look at the events"."""

    def __init__(self) -> None:
        self._items: SimpleQueue[Progress | None] = SimpleQueue()
        self._closed = False

    def on_event(self, event: Event) -> None:
        """Take an event that was just recorded."""
        self._items.put(None)

    def on_progress(self, task_id: str, update: object) -> None:
        """Take a live update."""
        assert isinstance(update, Progress)
        self._items.put(update)

    def close(self, _: object) -> None:
        """Say that nothing more will come."""
        self._closed = True
        self._items.put(None)

    def __iter__(self) -> Iterator[Progress | None]:
        yield None
        while not self._closed or not self._items.empty():
            yield self._items.get()
