"""Runs tasks in this process, on a database of its own: `--foreground`."""

import gc
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

from agent.cli.daemon.link import note
from agent.cli.work.followed import Followed
from agent.config import load_user, machine
from agent.daemon.open_tasks import FOLDER, unfinished
from agent.engine.catalog import Catalog
from agent.engine.control import Control
from agent.engine.database import Database
from agent.engine.deadlines import expire
from agent.engine.lease import Owner
from agent.engine.outbox import has_begun
from agent.engine.queue import Queue
from agent.engine.retention import Keep, prune
from agent.engine.store import TaskStore, new_task_id
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.event import Event
from agent.protocol.policy import Decision
from agent.protocol.progress import Progress
from agent.protocol.summary import TaskSummary
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
        self._followed = Followed(state / FOLDER / "followed")

    def __enter__(self) -> "Foreground":
        self._tidy()
        # What is imported stays: to look through it for garbage takes longer than many a step.
        gc.freeze()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._followed.close()
        self._database.close()

    def _tidy(self) -> None:
        """End what killed runs left open, since nobody comes back for it, and forget what is old."""
        for task in list(unfinished(Catalog(self._database))):
            if not self._followed.by_anybody(task.parent or task.task_id):
                self._end(task)
        prune(self._database, Keep(days=load_user().retention.days))

    def _end(self, task: TaskSummary) -> None:
        """Bring a delivery home that was begun, which takes a moment; give up whatever was before that."""
        with closing(Owner(self._owners)) as owner:
            worker = self._worker(task.task_id, owner, _Inbox())
            if has_begun(self._database, task.task_id):
                note(f"a run that was killed had begun to deliver task {task.task_id}: going on with that")
                worker.run_next(self._story, threading.Event())
        if self._store.state(task.task_id).finished is None:
            Control(self._store).cancel(task.task_id, by="ratchet")
            note(f"task {task.task_id} of a run that was killed is given up (it came to: {task.step})")

    def create(self, spec: TaskSpec) -> str:
        """Record a task and return its id."""
        task_id = new_task_id()
        self._followed.add(task_id)
        return self._store.create(spec, task_id=task_id).task_id

    def cancel(self, task_id: str) -> None:
        """Stop a task for good; raises RatchetError."""
        Control(self._store).cancel(task_id, by="cli")

    def resolve(self, task_id: str, approval_id: str, decision: Decision) -> None:
        """Answer what a task asks; raises RatchetError."""
        Control(self._store).resolve(task_id, approval_id, decision, by="cli")

    def items(self, task_id: str) -> Iterator[tuple[str, Event | Progress]]:
        """Run a task and yield its events from the first, with updates between them; then its children."""
        for item in self._items_of_one(task_id):
            yield task_id, item
        for child in self._store.state(task_id).children or ():
            yield from self.items(child)

    def _items_of_one(self, task_id: str) -> Iterator[Event | Progress]:
        inbox, stop = _Inbox(), threading.Event()
        seen = 0
        # The steps run in a thread of their own, so that signals reach this one at any time.
        with ThreadPoolExecutor(1, "ratchet task") as pool:
            running = pool.submit(self._run, task_id, inbox, stop)
            running.add_done_callback(inbox.close)
            try:
                for news in inbox:
                    for item in self._told(task_id, news, seen):
                        seen = item.seq if isinstance(item, Event) else seen
                        yield item
            finally:
                stop.set()
            running.result()

    def _told(self, task_id: str, news: Event | Progress | None, seen: int) -> Iterable[Event | Progress]:
        """Return what follows from news; asks the database only for events that nobody brought."""
        if isinstance(news, Progress):
            return (news,)
        if news is not None and news.seq == seen + 1:
            return (news,)
        return self._store.events(task_id, after=seen)

    def _run(self, task_id: str, inbox: "_Inbox", stop: threading.Event) -> None:
        with closing(Owner(self._owners)) as owner:
            worker = self._worker(task_id, owner, inbox)
            while not stop.is_set() and self._store.state(task_id).finished is None:
                if not worker.run_next(self._story, stop):
                    expire(self._store)
                    stop.wait(_POLL)

    def _worker(self, task_id: str, owner: Owner, inbox: "_Inbox") -> Worker:
        """Return a worker for one task alone; what dead ones held is free from now on."""
        turns = Turns(machine=machine(), per_repository=_NO_BOUND, only=(task_id,))
        queue = Queue(self._database, self._owners, turns)
        queue.recover()
        return Worker(self._database, queue, owner, inbox)


class _Inbox:
    """What the thread of the steps tells the one that prints; None stands for "look at the events"."""

    def __init__(self) -> None:
        self._items: SimpleQueue[Event | Progress | None] = SimpleQueue()
        self._closed = False

    def on_event(self, event: Event) -> None:
        """Take an event that was just recorded."""
        self._items.put(event)

    def on_progress(self, task_id: str, update: object) -> None:
        """Take a live update."""
        assert isinstance(update, Progress)
        self._items.put(update)

    def close(self, _: object) -> None:
        """Say that nothing more will come."""
        self._closed = True
        self._items.put(None)

    def __iter__(self) -> Iterator[Event | Progress | None]:
        yield None
        while not self._closed or not self._items.empty():
            yield self._items.get()
