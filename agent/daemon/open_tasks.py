"""What the open tasks still need of what lies on disk."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agent.engine.catalog import Catalog
from agent.engine.database import Database
from agent.engine.errors import StoreUnavailable
from agent.engine.places import still_to_show
from agent.protocol.summary import Status, TaskSummary

FOLDER = "foreground"
"""Below the state directory: the database of the tasks that run without the daemon."""
ABANDONED = 7 * 24 * 3600
"""Seconds without a new event after which an unfinished task no longer counts as open."""
_DATABASE = "ratchet.db"
_OPEN = (Status.QUEUED, Status.RUNNING, Status.WAITING, Status.PAUSED)


@dataclass(frozen=True, slots=True)
class Needs:
    """What open tasks may still need; nothing when `reason` is empty."""

    reason: str = ""
    repositories: frozenset[str] | None = frozenset()
    """Paths and `github:owner/name`; None when the tasks cannot be read, so that everything may be needed."""
    since: int = 0
    """When the oldest of them was made, in seconds since the epoch."""


def needs(state: Path, now: float) -> Needs:
    """Return what the open tasks of the daemon and of the foreground may need."""
    try:
        found = [task for task in _open_tasks(state) if now - task.updated_at <= ABANDONED]
        unshown = _unshown(state)
    except StoreUnavailable as error:
        return Needs(f"the tasks cannot be read: {error.message}", None)
    if not found:
        told = f"{', '.join(sorted(unshown))}: not all is shown there yet"
        return Needs(told, unshown, int(now)) if unshown else Needs()
    names = ", ".join(sorted(task.task_id for task in found))
    paths = frozenset(task.repository for task in found) | unshown
    return Needs(f"task {names} is open", paths, min(task.created_at for task in found))


def _open_tasks(state: Path) -> Iterator[TaskSummary]:
    for place in _places(state):
        with closing(Database.open(place)) as database:
            yield from unfinished(Catalog(database))


def _unshown(state: Path) -> frozenset[str]:
    """Return the repositories of a forge whose branches may not have been pushed yet."""
    found = set[str]()
    for place in _places(state):
        with closing(Database.open(place)) as database:
            found |= {f"github:{name}" for name in still_to_show(database)}
    return frozenset(found)


def _places(state: Path) -> Iterator[Path | str]:
    if url := os.environ.get("RATCHET_DATABASE_URL"):
        yield url
    yield from (place for place in (state, state / FOLDER) if (place / _DATABASE).is_file())


def unfinished(catalog: Catalog) -> Iterator[TaskSummary]:
    """Yield the tasks that have not ended."""
    for status in _OPEN:
        page = catalog.page(status=status)
        yield from page.tasks
        while page.cursor is not None:
            page = catalog.page(status=status, cursor=page.cursor)
            yield from page.tasks
