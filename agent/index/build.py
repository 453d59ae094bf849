"""Brings the index up to date with a listing: parses what no snapshot had before, and nothing else."""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from agent.index.blobs import Blobs
from agent.index.crew import Crew, Parsed
from agent.index.database import Pack, begin_bulk, end_bulk, is_empty, locked
from agent.index.errors import IndexUnavailable
from agent.index.grammar import language_of
from agent.index.parsing import LARGEST, Task

OnProgress = Callable[[int, int], None]
"""Called with files done and files to do."""
Key = tuple[str, str]
"""Blob id and the language that the path tells; the same bytes may be of two languages."""

# Every batch has a vocabulary of its own, so few large ones are cheaper; the last are small, to end together.
_LARGEST_BATCH, _SMALLEST_BATCH = 8 << 20, 512 << 10
_PACK = 4 << 20
_FILES = 1024
_MANY = 64


def silent(done: int, total: int) -> None:
    """Ignore progress."""


def key_of(path: str, blob: str) -> Key:
    """Return what a file is stored under."""
    return blob, language_of(path)


class Builder:
    """Writes the facts of new blobs; one builder at a time for each index file."""

    def __init__(self, database: sqlite3.Connection, file: Path, seconds: float) -> None:
        self._database = database
        self._file = file
        self._seconds = seconds
        self._resident: Crew | None = None
        self.problem = ""
        """Why the last build stopped early."""

    def close(self) -> None:
        """End the resident worker."""
        if self._resident is not None:
            self._resident.__exit__()
            self._resident = None

    def build(self, files: Mapping[str, str], blobs: Blobs, on_progress: OnProgress = silent) -> int:
        """Index the blobs by path that are not yet known; returns how many were."""
        if not self._missing(files):
            return 0
        with locked(self._file):
            missing = self._missing(files)
            if not missing:
                return 0
            try:
                self._build(missing, blobs, on_progress)
            except IndexUnavailable as error:
                # What was written so far can be asked; the rest says that it is not indexed.
                self.problem = error.message
        return len(missing)

    def _build(self, missing: Mapping[Key, str], blobs: Blobs, on_progress: OnProgress) -> None:
        self.problem = ""
        if bulk := is_empty(self._database):
            begin_bulk(self._database)
        self._write(missing, blobs, on_progress)
        end_bulk(self._database)
        if bulk:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _missing(self, files: Mapping[str, str]) -> dict[Key, str]:
        wanted = {key_of(path, blob): path for path, blob in files.items()}
        known = self.known() if len(wanted) > _MANY else self._known_of(wanted)
        return {key: path for key, path in wanted.items() if key not in known}

    def known(self) -> dict[Key, int]:
        """Return the number of every indexed blob."""
        rows = self._database.execute("SELECT lower(hex(id)), hint, number FROM blob")
        return {(blob, hint): number for blob, hint, number in rows}

    def _known_of(self, keys: Iterable[Key]) -> dict[Key, int]:
        """Return the number of those blobs that are indexed; quicker than `known` for a few."""
        asked = "SELECT number FROM blob WHERE id=? AND hint=?"
        rows = (
            (key, self._database.execute(asked, (bytes.fromhex(key[0]), key[1])).fetchone()) for key in keys
        )
        return {key: row[0] for key, row in rows if row}

    def _write(self, missing: Mapping[Key, str], blobs: Blobs, on_progress: OnProgress) -> None:
        (first,) = self._database.execute("SELECT coalesce(max(number), 0) + 1 FROM blob").fetchone()
        tasks: dict[int, Task] = {}
        for number, ((blob, hint), path) in enumerate(missing.items(), first):
            place = blobs.place(path)
            tasks[number] = (number, blob, hint, place, _size(place), None)
        writer = _Writer(self._database, len(tasks), on_progress)
        on_progress(0, len(tasks))
        on_disk = list(tasks.values()) if blobs.on_disk else []
        with self._crew(len(tasks)) as crew:
            writer.take(crew.parse(_batched(on_disk, crew.size)))
            rest = [tasks[number] for number in writer.elsewhere] if blobs.on_disk else list(tasks.values())
            if rest:
                writer.take(crew.parse(_with_content(rest, blobs, crew.size)))
        writer.flush()

    @contextmanager
    def _crew(self, files: int) -> Iterator[Crew]:
        if files > _MANY:
            with Crew(seconds=self._seconds) as crew:
                yield crew
            return
        if self._resident is None:
            self._resident = Crew(1, self._seconds)
            self._resident.__enter__()
        yield self._resident


class _Writer:
    """Gathers results into packs and writes them."""

    def __init__(self, database: sqlite3.Connection, total: int, on_progress: OnProgress) -> None:
        self._database = database
        self._total = total
        self._on_progress = on_progress
        self._pack = Pack()
        self._done = 0
        self.elsewhere: list[int] = []

    def take(self, results: Iterable[Parsed]) -> None:
        """Write results as they come."""
        for parsed in results:
            if sum(blob[4] for blob in parsed.rows.blobs) >= _PACK // 2:
                # Large enough to be a pack of its own, which needs no merging.
                own = Pack()
                own.add(parsed.rows)
                own.write(self._database)
            else:
                self._pack.add(parsed.rows)
            self.elsewhere += parsed.elsewhere
            self._done += len(parsed.rows.blobs)
            if self._pack.size >= _PACK:
                self.flush()
            self._on_progress(self._done, self._total)

    def flush(self) -> None:
        """Write what was gathered."""
        if self._pack.files:
            self._pack.write(self._database)
        self._pack = Pack()


def _batched(tasks: Iterable[Task], workers: int) -> Iterator[list[Task]]:
    """Yield batches that shrink towards the end, so that few are merged and the cores finish together."""
    waiting = sorted(tasks, key=lambda task: -task[4])
    left = sum(min(task[4], LARGEST) for task in waiting)
    batch: list[Task] = []
    size, wanted = 0, _wanted(left, workers)
    for task in waiting:
        batch.append(task)
        size += min(task[4], LARGEST)
        if size >= wanted or len(batch) >= _FILES:
            yield batch
            left -= size
            batch, size, wanted = [], 0, _wanted(left, workers)
    if batch:
        yield batch


def _wanted(left: int, workers: int) -> int:
    return min(_LARGEST_BATCH, max(_SMALLEST_BATCH, left // (2 * workers)))


def _with_content(tasks: Sequence[Task], blobs: Blobs, workers: int) -> Iterator[list[Task]]:
    sizes = blobs.sizes([task[1] for task in tasks])
    sized = [(number, blob, hint, "", sizes.get(blob, 0), None) for number, blob, hint, *_ in tasks]
    for batch in _batched(sized, workers):
        contents = blobs.stored([task[1] for task in batch if task[4] <= LARGEST])
        yield [(*task[:5], contents.get(task[1])) for task in batch]


def _size(place: str) -> int:
    try:
        return os.lstat(place).st_size
    except OSError:
        return 0
