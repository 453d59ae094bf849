"""Whether some task still needs what lies on disk."""

from collections.abc import Iterator
from pathlib import Path

from agent.engine.catalog import Catalog
from agent.engine.database import Database
from agent.engine.errors import StoreUnavailable
from agent.protocol.summary import Status, TaskSummary

FOLDER = "foreground"
"""Below the state directory: the database of the tasks that run without the daemon."""
ABANDONED = 7 * 24 * 3600
"""Seconds without a new event after which an unfinished task no longer counts as open."""
_DATABASE = "ratchet.db"
_OPEN = (Status.QUEUED, Status.RUNNING, Status.WAITING, Status.PAUSED)


def why_kept(state: Path, now: float) -> str:
    """Return why nothing may be freed now, empty when everything may."""
    try:
        waiting = sorted(task.task_id for task in _open_tasks(state) if now - task.updated_at <= ABANDONED)
    except StoreUnavailable as error:
        return f"the tasks cannot be read: {error.message}"
    return f"task {', '.join(waiting)} is open" if waiting else ""


def _open_tasks(state: Path) -> Iterator[TaskSummary]:
    for place in (state, state / FOLDER):
        if not (place / _DATABASE).is_file():
            continue
        database = Database.open(place)
        try:
            yield from unfinished(Catalog(database))
        finally:
            database.close()


def unfinished(catalog: Catalog) -> Iterator[TaskSummary]:
    """Yield the tasks that have not ended."""
    for status in _OPEN:
        page = catalog.page(status=status)
        yield from page.tasks
        while page.cursor is not None:
            page = catalog.page(status=status, cursor=page.cursor)
            yield from page.tasks
