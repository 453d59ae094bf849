"""Which tasks there are: lines, pages, counts and whole views, at a cost that does not grow with them."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, select

from agent.engine.database import Database
from agent.engine.errors import NoSuchTask
from agent.engine.schema import HELD, OPEN, READY, TASKS
from agent.engine.store import TaskStore
from agent.protocol.api import RepositoryUse, TaskView
from agent.protocol.errors import UsageError
from agent.protocol.report import report
from agent.protocol.summary import Status, TaskPage, TaskSummary

PAGE = 50
LARGEST_PAGE = 500
NEWEST = 200
"""Tasks that a list of all that matter has at least; it has every open one besides."""
_OPEN = (Status.QUEUED, Status.WAITING, Status.PAUSED)
_LONGEST_CURSOR = 18


class Mark(NamedTuple):
    """What is another whenever a task's line is another."""

    seq: int
    status: Status


def mark_of(task: TaskSummary) -> Mark:
    """Return what tells this line from the next."""
    return Mark(task.seq, task.status)


class Catalog:
    """Reads the rows of tasks; all methods raise StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._store = TaskStore(database)

    def summary(self, task_id: str) -> TaskSummary:
        """Return a task's line; raises NoSuchTask."""
        with self._database.read() as connection:
            row = connection.execute(select(TASKS).where(TASKS.c.task_id == task_id)).one_or_none()
        if row is None:
            # Only the events know it; the look-up below makes its row again or says there is none.
            self._store.restore(task_id)
            return self.summary(task_id)
        return _summary(row)

    def view(self, task_id: str) -> TaskView:
        """Return everything about a task but its events; raises NoSuchTask."""
        summary = self.summary(task_id)
        state = self._store.state(task_id)
        if state.spec is None:
            raise NoSuchTask(f"task {task_id!r} has lost its first event")
        return TaskView(
            summary=summary,
            spec=state.spec,
            report=report(state) if state.finished else None,
            children=state.children or (),
            open_approvals=state.open_approvals,
            answers=state.answers,
        )

    def page(
        self,
        *,
        cursor: str | None = None,
        limit: int = PAGE,
        status: Status | None = None,
        repository: str | None = None,
        parent: str | None = None,
    ) -> TaskPage:
        """Return a part of the list, newest first; raises UsageError for a cursor that is none."""
        wanted = _filter(status, repository, parent)
        if cursor is not None:
            wanted.append(TASKS.c.number < _number(cursor))
        count = min(max(1, limit), LARGEST_PAGE)
        query = select(TASKS).where(*wanted).order_by(TASKS.c.number.desc()).limit(count + 1)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        more = len(rows) > count
        shown = rows[:count]
        return TaskPage(
            tasks=tuple(_summary(row) for row in shown), cursor=str(shown[-1].number) if more else None
        )

    def present(self) -> list[TaskSummary]:
        """Return the newest tasks and every open one, oldest first."""
        with self._database.read() as connection:
            return [_summary(row) for row in _present(connection, *TASKS.c)]

    def marks(self) -> dict[str, Mark]:
        """Return the marks of the same tasks, at a fraction of the cost."""
        held = TASKS.c.token.is_not(None).label("held")
        columns = (TASKS.c.number, TASKS.c.task_id, TASKS.c.seq, TASKS.c.status, held)
        with self._database.read() as connection:
            rows = _present(connection, *columns)
        return {row.task_id: Mark(row.seq, _status(row.status, row.held)) for row in rows}

    def summaries(self, task_ids: Collection[str]) -> list[TaskSummary]:
        """Return tasks by their ids, oldest first, without those that are gone."""
        query = select(TASKS).where(TASKS.c.task_id.in_(task_ids)).order_by(TASKS.c.number)
        with self._database.read() as connection:
            return [_summary(row) for row in connection.execute(query)]

    def repositories(self) -> list[RepositoryUse]:
        """Return the repositories that tasks were made for, the newest task's first."""
        unfinished = func.sum(case((TASKS.c.status == Status.FINISHED, 0), else_=1)).label("open")
        newest = func.max(TASKS.c.number).label("newest")
        used = select(TASKS.c.repository, func.count().label("tasks"), unfinished, newest)
        grouped = used.group_by(TASKS.c.repository).subquery()
        query = select(grouped, TASKS.c.task_id).join(TASKS, TASKS.c.number == grouped.c.newest)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(grouped.c.newest.desc())).all()
        return [
            RepositoryUse(repository=row.repository, tasks=row.tasks, open=row.open, newest=row.task_id)
            for row in rows
        ]

    def counts(self) -> Mapping[Status, int]:
        """Return how many tasks are open, by status."""
        held = TASKS.c.token.is_not(None).label("held")
        query = select(TASKS.c.status, held, func.count().label("tasks"))
        open_ones = query.where(OPEN).group_by(TASKS.c.status, held)
        counted = dict.fromkeys((*_OPEN, Status.RUNNING), 0)
        with self._database.read() as connection:
            for row in connection.execute(open_ones):
                counted[_status(row.status, row.held)] += row.tasks
        return counted


def _present(connection: Connection, *columns: ColumnElement[Any]) -> list[Row[Any]]:
    # Two queries, because neither database would use both indexes for one.
    newest = select(*columns).order_by(TASKS.c.number.desc()).limit(NEWEST)
    found = {
        row.number: row
        for query in (newest, select(*columns).where(OPEN))
        for row in connection.execute(query)
    }
    return [found[number] for number in sorted(found)]


def _filter(status: Status | None, repository: str | None, parent: str | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    match status:
        case None:
            pass
        case Status.QUEUED:
            wanted.append(and_(READY))
        case Status.RUNNING:
            wanted += [TASKS.c.status == Status.QUEUED, and_(HELD)]
        case Status.WAITING | Status.PAUSED:
            wanted += [TASKS.c.status == status, and_(OPEN)]
        case _:
            wanted.append(TASKS.c.status == status)
    if repository is not None:
        wanted.append(TASKS.c.repository == repository)
    if parent is not None:
        wanted.append(TASKS.c.parent == parent)
    return wanted


def _number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _LONGEST_CURSOR):
        raise UsageError("the cursor is not one that a page ended with", hint="begin without a cursor")
    return int(cursor)


def _status(status: str, held: bool) -> Status:
    """Tell a task that is worked on from one that waits for its turn."""
    return Status.RUNNING if held and status == Status.QUEUED else Status(status)


def _summary(row: Row[Any]) -> TaskSummary:
    return TaskSummary(
        task_id=row.task_id,
        kind=row.kind,
        repository=row.repository,
        status=_status(row.status, row.token is not None),
        priority=row.priority,
        created_at=row.created_at,
        updated_at=row.updated_at,
        seq=row.seq,
        step=row.step,
        outcome=row.outcome,
        reason=row.reason,
        parent=row.parent,
        cost_usd=row.cost_usd,
        seconds=row.seconds,
    )
