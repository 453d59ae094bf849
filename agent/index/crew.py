"""Parsing on all cores: one worker process for each, and none of them can take the index down."""

import os
import queue
import subprocess
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from agent.index.parsing import Batch, Rows, Task
from agent.index.words import Splitter
from agent.index.worker import command, frame, receive

SECONDS = 20.0
"""Processor time that one file may take."""
_GRACE = 10.0
_ENVIRONMENT = {"MALLOC_TRIM_THRESHOLD_": str(64 << 20), "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}


@dataclass(frozen=True, slots=True)
class Parsed:
    """The rows of one batch, and the numbers of the tasks whose file did not hold their blob."""

    rows: Rows
    elsewhere: list[int]


class Crew:
    """A context manager that keeps worker processes; one that dies loses one file and is replaced."""

    def __init__(self, size: int | None = None, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._workers = [_Worker(seconds) for _ in range(size or min(16, len(os.sched_getaffinity(0))))]

    @property
    def size(self) -> int:
        """Return the number of workers."""
        return len(self._workers)

    def __enter__(self) -> "Crew":
        for worker in self._workers:
            worker.start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()

    def parse(self, batches: Iterable[Sequence[Task]]) -> Iterator[Parsed]:
        """Yield the results of batches in any order; few of them wait to be taken at any time."""
        if len(self._workers) == 1:
            # An edited file is parsed in the time that a thread takes to start and to hand it on.
            for batch in batches:
                yield from self._workers[0].parse(batch)
            return
        run = _Run(iter(batches), len(self._workers))
        with ThreadPoolExecutor(len(self._workers)) as threads:
            served = [threads.submit(run.serve, worker) for worker in self._workers]
            try:
                yield from run.results()
            finally:
                run.stop()
        for one in served:
            one.result()


class _Run:
    """One pass over batches, shared by the threads that each serve one worker."""

    def __init__(self, batches: Iterator[Sequence[Task]], workers: int) -> None:
        self._batches = batches
        self._lock = threading.Lock()
        self._open = workers
        self._stopped = False
        self._results: queue.Queue[Parsed | None] = queue.Queue(workers)

    def serve(self, worker: "_Worker") -> None:
        """Let a worker parse batches until there are none."""
        try:
            while (batch := self._next()) is not None:
                for result in worker.parse(batch):
                    self._results.put(result)
        finally:
            self._results.put(None)

    def results(self) -> Iterator[Parsed]:
        """Yield results until no worker is left."""
        while self._open:
            if (result := self._results.get()) is None:
                self._open -= 1
            else:
                yield result

    def stop(self) -> None:
        """Let the threads end, whatever they still have to say."""
        self._stopped = True
        while self._open:
            self._open -= self._results.get() is None

    def _next(self) -> Sequence[Task] | None:
        with self._lock:
            return None if self._stopped else next(self._batches, None)


class _Worker:
    """One process, started again when it dies or does not answer."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # Nothing of the user's reaches a process that reads foreign files. What a syntax tree took is
        # kept for the next, which is measurably faster than giving it back to the system each time.
        self._process = subprocess.Popen(
            command(self._seconds),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
        )

    def end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def parse(self, batch: Sequence[Task]) -> Iterator[Parsed]:
        """Yield the result of a batch, in pieces when one of its files cannot be parsed."""
        answer = self._ask(batch)
        if answer is None and len(batch) == 1:
            # The process may have died of something else, such as a lack of memory.
            answer = self._ask(batch)
        if answer is not None:
            yield answer
        elif len(batch) > 1:
            for task in batch:
                yield from self.parse([task])
        else:
            yield Parsed(_given_up(batch[0]), [])

    def _ask(self, batch: Sequence[Task]) -> Parsed | None:
        if self._process is None:
            self.start()
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        guard = threading.Timer(self._seconds * len(batch) + _GRACE, process.kill)
        guard.start()
        try:
            process.stdin.write(frame(batch))
            process.stdin.flush()
            answer = receive(process.stdout)
        except BrokenPipeError:
            answer = None
        finally:
            guard.cancel()
        if answer is None:
            self.end()
            return None
        rows, elsewhere = answer
        return Parsed(Rows(*rows), elsewhere)


def _given_up(task: Task) -> Rows:
    number, blob, hint, _, size, _ = task
    batch = Batch(Splitter())
    batch.skip(number, blob, hint, size, "the parser crashed or took too long")
    return batch.rows()
