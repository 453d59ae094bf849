"""How many tasks a second the engine gets through: `python -m tests.benchmarks.engine [sqlite postgresql]`.

Eight client processes enqueue while two workers work; the tasks do nothing, so that only the engine
is measured. Next to the figures stand those that were measured of DBOS 3.4 on a machine like this one.
"""

import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from multiprocessing.queues import Queue as Pipe
from pathlib import Path
from statistics import quantiles
from threading import Event as Flag

from agent.engine.catalog import Catalog
from agent.engine.database import Database
from agent.engine.lease import Lease, Owner
from agent.engine.log import as_row
from agent.engine.projection import row_of
from agent.engine.queue import Queue
from agent.engine.schema import EVENTS, TASKS
from agent.engine.store import TaskStore
from agent.engine.turns import Turns
from agent.engine.worker import Worker
from agent.protocol.event import Event, TaskFinished, TaskSubmitted
from agent.protocol.outcome import Outcome
from agent.protocol.task import TaskKind, TaskSpec
from tests.engine.rig import Deaf
from tests.engine.stories import Proposals
from tests.postgres import running_cluster

CLIENTS, WORKERS, TASK_COUNT, REPOSITORIES = 8, 2, 1000, 8
STORED = (10, 1_000, 10_000)
PROBES = 100
PEERS = {"sqlite": "DBOS: 44.9 (DELETE), 61.1 (WAL) tasks/s", "postgresql": "DBOS: not measured"}
_PROCESSES = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Enqueued:
    """One request of a client; times are of the monotonic clock, which all processes share."""

    task_id: str
    priority: int
    asked: float
    answered: float


@dataclass(frozen=True, slots=True)
class Claimed:
    """One turn of a worker."""

    task_id: str
    asked: float
    answered: float


class TimedQueue(Queue):
    """A queue that keeps when each task was claimed."""

    def __init__(self, database: Database, owners: Path) -> None:
        super().__init__(database, owners, Turns("bench"))
        self.claimed: list[Claimed] = []

    def claim(self, owner: Owner) -> Lease | None:
        asked = time.monotonic()
        lease = super().claim(owner)
        if lease is not None:
            self.claimed.append(Claimed(lease.task_id, asked, time.monotonic()))
        return lease


def main() -> None:
    """Print the figures of each database."""
    wanted = sys.argv[1:] or ["sqlite", "postgresql"]
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the start")
    for kind in wanted:
        for steps in (0, 4):
            with _place(kind) as place:
                measure_throughput(kind, place, steps)
        with _place(kind) as place:
            measure_growth(kind, place)


def measure_throughput(kind: str, place: Path | str, steps: int) -> None:
    """Print tasks a second, the wait of the clients and the priority inversions."""
    Database.open(place).close()
    with tempfile.TemporaryDirectory() as folder:
        results: Pipe[list[Enqueued]] = _PROCESSES.Queue()
        turns: Pipe[list[Claimed]] = _PROCESSES.Queue()
        go = _PROCESSES.Barrier(CLIENTS + WORKERS)
        done = _PROCESSES.Event()
        clients = [_start(_enqueue, place, steps, seed, go, results) for seed in range(CLIENTS)]
        workers = [_start(_work, place, Path(folder), go, done, turns) for _ in range(WORKERS)]
        enqueued = list(chain.from_iterable(results.get() for _ in clients))
        _wait_until_finished(place)
        finished = time.monotonic()
        done.set()
        claimed = list(chain.from_iterable(turns.get() for _ in workers))
        for process in (*clients, *workers):
            process.join()
    began = min(one.asked for one in enqueued)
    waits = sorted(one.answered - one.asked for one in enqueued)
    rate = len(enqueued) / (finished - began)
    p99 = quantiles(waits, n=100)[98]
    print(
        f"{kind}, {steps + 1} steps a task: {rate:.1f} tasks/s (goal >= 40; {PEERS[kind]}, 5 steps a task), "
        f"enqueue p50 {waits[len(waits) // 2] * 1000:.1f} ms, p99 {p99 * 1000:.0f} ms "
        f"(goal < 1000; DBOS 10-840), "
        f"max {waits[-1] * 1000:.0f} ms, inversions {inversions(enqueued, claimed)} (goal 0)"
    )


def inversions(enqueued: list[Enqueued], claimed: list[Claimed]) -> int:
    """Count the turns that went to a task although one of higher priority was waiting all the while."""
    taken = {one.task_id: one for one in reversed(claimed)}
    return sum(
        any(
            other.priority < mine.priority
            and other.answered < taken[mine.task_id].asked
            and taken[other.task_id].asked > taken[mine.task_id].answered
            for other in enqueued
        )
        for mine in enqueued
    )


def measure_growth(kind: str, place: Path | str) -> None:
    """Print what a task costs beside few and many stored and waiting tasks."""
    database = Database.open(place)
    for name, finished in (("finished", True), ("waiting", False)):
        stored = 0
        for count in STORED:
            _fill(database, name, range(stored, count), finished=finished)
            stored = count
            print(f"{kind}, {count:>6} {name} tasks stored: {_cost(database)}")
    database.close()


def _cost(database: Database) -> str:
    store, catalog = TaskStore(database), Catalog(database)
    with tempfile.TemporaryDirectory() as folder:
        owner, stop = Owner(Path(folder)), Flag()
        queue = Queue(database, Path(folder), Turns("bench"))
        worker, story = Worker(database, queue, owner, Deaf()), Proposals(Path(folder) / "journal")
        began, cpu = time.monotonic(), time.process_time()
        for _ in range(PROBES):
            store.create(TaskSpec(kind=TaskKind.FIX, repository="/probe", priority=0))
            worker.run_next(story, stop)
        ran = (time.monotonic() - began) / PROBES
        used = (time.process_time() - cpu) / PROBES
        began = time.monotonic()
        for _ in range(PROBES):
            catalog.page()
        listed = (time.monotonic() - began) / PROBES
        owner.close()
    return f"{ran * 1000:.1f} ms a task ({used * 1000:.1f} ms of processor), {listed * 1000:.1f} ms a page"


def _fill(database: Database, name: str, numbers: range, *, finished: bool) -> None:
    """Store tasks in one transaction."""
    end = TaskFinished(outcome=Outcome.NO_PATCH, reason="stored")
    with database.write() as connection:
        for number in numbers:
            spec = TaskSpec(kind=TaskKind.FIX, repository=f"/{name}/{number % 20}", priority=900)
            task = f"{name}-{number}"
            events = [
                Event(seq=1, task_id=task, step_key="submit", recorded_at=0, body=TaskSubmitted(spec=spec))
            ]
            if finished:
                events.append(Event(seq=2, task_id=task, step_key="finish", recorded_at=0, body=end))
            for event in events:
                connection.execute(EVENTS.insert().values(as_row(connection, event)))
            connection.execute(TASKS.insert().values(row_of(events)))


def _enqueue(place: Path | str, steps: int, seed: int, go: object, results: "Pipe[list[Enqueued]]") -> None:
    chance, database = random.Random(seed), Database.open(place)
    store, made = TaskStore(database), []
    go.wait()  # type: ignore[attr-defined]
    for number in range(TASK_COUNT // CLIENTS):
        priority, repository = chance.randrange(10), f"/r{chance.randrange(REPOSITORIES)}"
        spec = TaskSpec(kind=TaskKind.FIX, repository=repository, priority=priority, seed=steps)
        asked = time.monotonic()
        task = store.create(spec, keys=(f"{seed}:{number}",)).task_id
        made.append(Enqueued(task, priority, asked, time.monotonic()))
    results.put(made)
    database.close()


def _work(place: Path | str, folder: Path, go: object, done: Flag, turns: "Pipe[list[Claimed]]") -> None:
    database = Database.open(place)
    owner, queue = Owner(folder / "owners"), TimedQueue(database, folder / "owners")
    go.wait()  # type: ignore[attr-defined]
    Worker(database, queue, owner, Deaf()).serve(Proposals(folder / "journal"), done)
    turns.put(queue.claimed)
    owner.close()
    database.close()


def _start(target: object, *arguments: object) -> multiprocessing.process.BaseProcess:
    process = _PROCESSES.Process(target=target, args=arguments)  # type: ignore[arg-type]
    process.start()
    return process


def _wait_until_finished(place: Path | str) -> None:
    database = Database.open(place)
    catalog = Catalog(database)
    while any(catalog.counts().values()):
        time.sleep(0.05)
    database.close()


@contextmanager
def _place(kind: str) -> Iterator[Path | str]:
    """Return a folder on a real disk, or the URL of a server that waits for the disk."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
            yield Path(folder)
        return
    with running_cluster(durable=True) as cluster:
        yield cluster.create("bench")


if __name__ == "__main__":
    main()
