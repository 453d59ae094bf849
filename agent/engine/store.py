"""The tasks and their events: appended once under a step key, folded by everybody."""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from agent.engine.database import Database
from agent.engine.errors import LeaseLost, NoSuchTask
from agent.engine.lease import Lease, check_fence
from agent.engine.log import as_row, read_log
from agent.engine.projection import first_row, next_row
from agent.engine.rebuild import rebuild, restore, without_row
from agent.engine.schema import CHECKPOINTS, EFFECTS, EVENTS, PUBLICATIONS, REQUESTS, TASKS
from agent.engine.sql import insert_missing
from agent.engine.to_show import is_to_show, will_be_shown
from agent.protocol.errors import UsageError
from agent.protocol.event import Body, Event, TaskFinished, TaskSubmitted
from agent.protocol.state import TaskState, fold
from agent.protocol.task import TaskSpec

Facts = Sequence[tuple[str, Body]]
Decide = Callable[[TaskState, bool], Facts]
"""From a task's state, and whether somebody works on it, to what is recorded next."""


@dataclass(frozen=True, slots=True)
class Created:
    """A task that was asked for; `fresh` is False when an idempotency key was known."""

    task_id: str
    fresh: bool


class TaskStore:
    """Reads and appends events; safe from many threads and processes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create(
        self,
        spec: TaskSpec,
        *,
        keys: tuple[str, ...] = (),
        task_id: str | None = None,
        facts: Facts = (),
        lease: Lease | None = None,
    ) -> Created:
        """Record a new task with facts that are known already; asking again with any of `keys` finds it.

        The other keys lead to it from then on; of keys that lead to different tasks the first one counts.
        Raises LeaseLost when `lease`, of the task that asks, is lost; UsageError, StoreUnavailable.
        """
        wanted = task_id or new_task_id()
        _check_text(wanted, *keys, spec.repository, spec.parent, spec.machine)
        with self.database.write() as connection:
            if lease is not None:
                check_fence(connection, lease)
            known = _claim(connection, keys, wanted) if keys else wanted
            submitted = TaskSubmitted(spec=spec, key=keys[0] if keys else None)
            if known != wanted or not _begin(connection, wanted, submitted):
                return Created(known, fresh=False)
            for step_key, body in facts:
                self._record(connection, wanted, step_key, body)
        return Created(wanted, fresh=True)

    def events(self, task_id: str, after: int = 0) -> list[Event]:
        """Return the events with a larger `seq`, in order; raises NoSuchTask, LogUnreadable."""
        with self.database.read() as connection:
            found = read_log(connection, task_id, after)
            if not found and not _exists(connection, task_id):
                raise _no_such(task_id)
        return found

    def state(self, task_id: str) -> TaskState:
        """Return the fold of a task's events; raises NoSuchTask, LogUnreadable."""
        return fold(self.events(task_id))

    def append(
        self, task_id: str, step_key: str, body: Body, *, lease: Lease | None = None, seconds: float = 0.0
    ) -> Event:
        """Record a step once; a step that was recorded before returns as it was. The last one ends the lease.

        Raises LeaseLost when `lease` is no longer the task's, NoSuchTask, StoreUnavailable.
        """
        with self.database.write() as connection:
            row = self._locked(connection, task_id)
            if lease is not None and row["token"] != lease.token:
                raise LeaseLost(task_id)
            event = _insert(connection, row, step_key, body, seconds)
            return event or read_log(connection, task_id, 0, step_key)[0]

    def decide(self, task_id: str, decide: Decide) -> list[Event]:
        """Record what follows from the state as it is at this moment; raises what `decide` raises."""
        with self.database.write() as connection:
            row = self._locked(connection, task_id)
            state = fold(read_log(connection, task_id, 0))
            wanted = decide(state, row["token"] is not None)
            return [self._record(connection, task_id, key, body) for key, body in wanted]

    def restore(self, task_id: str) -> None:
        """Make the row of a task from its events if it is missing; raises NoSuchTask."""
        with self.database.write() as connection:
            self._locked(connection, task_id)

    def rebuild(self) -> int:
        """Make the tables and rows that are missing but follow from the events; returns how many rows."""
        made = self.database.create_tables()
        with self.database.read() as connection:
            complete = next(iter(without_row(connection)), None) is None
        if complete:
            return made
        with self.database.write(exclusive=True) as connection:
            return made + rebuild(connection)

    def _locked(self, connection: Connection, task_id: str) -> dict[str, Any]:
        """Return the row of a task, made from its events when it is missing."""
        query = select(TASKS).where(TASKS.c.task_id == task_id).with_for_update()
        row = connection.execute(query).mappings().one_or_none()
        if row is None:
            if not restore(connection, task_id):
                raise _no_such(task_id)
            row = connection.execute(query).mappings().one()
        return dict(row)

    def _record(self, connection: Connection, task_id: str, step_key: str, body: Body) -> Event:
        event = _insert(connection, self._locked(connection, task_id), step_key, body, 0.0)
        return event or read_log(connection, task_id, 0, step_key)[0]


def forget(connection: Connection, task_ids: Iterable[str]) -> None:
    """Remove tasks with all that is theirs; blobs are collected afterwards."""
    for task_id in task_ids:
        for table in (EVENTS, EFFECTS, CHECKPOINTS, REQUESTS, PUBLICATIONS, TASKS):
            connection.execute(delete(table).where(table.c.task_id == task_id))


def new_task_id() -> str:
    """Return an id that sorts by time: `YYYYMMDD-HHMMSS-xxxxxxxx`."""
    return time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(4)


def _check_text(*texts: str | None) -> None:
    # PostgreSQL refuses NUL bytes; what one database takes the other must take too.
    if any("\x00" in text for text in texts if text):
        raise UsageError("a name with a NUL byte cannot be kept", hint="leave the NUL byte out")


def _claim(connection: Connection, keys: tuple[str, ...], task_id: str) -> str:
    """Return the task that idempotency keys lead to; those that led nowhere lead to it from now on."""
    # In one order everywhere: an insert waits for whoever inserts the same key at the same time.
    for key in sorted(set(keys)):
        connection.execute(insert_missing(connection, REQUESTS, {"key": key, "task_id": task_id}))
    found = select(REQUESTS.c.key, REQUESTS.c.task_id).where(REQUESTS.c.key.in_(keys))
    leads = {row.key: row.task_id for row in connection.execute(found)}
    known = next((leads[key] for key in keys if leads[key] != task_id), task_id)
    if known != task_id:
        ours = REQUESTS.c.key.in_(keys) & (REQUESTS.c.task_id == task_id)
        connection.execute(update(REQUESTS).where(ours).values(task_id=known))
    return known


def _begin(connection: Connection, task_id: str, submitted: TaskSubmitted) -> bool:
    """Record the first event and the row; False when the task exists already."""
    event = _event(task_id, 1, "submit", submitted, 0.0)
    if not _write(connection, event):
        return False
    connection.execute(insert(TASKS).values(first_row(event, submitted)))
    if submitted.spec.trigger is not None:
        will_be_shown(connection, task_id, submitted.spec.trigger)
    return True


def _insert(
    connection: Connection, row: Mapping[str, Any], step_key: str, body: Body, seconds: float
) -> Event | None:
    """Record the next event and what the row says then; None when the step was recorded before."""
    task_id = row["task_id"]
    event = _event(task_id, row["seq"] + 1, step_key, body, seconds)
    if not _write(connection, event):
        return None
    changed = next_row(row, event)
    if isinstance(body, TaskFinished):
        connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.task_id == task_id))
        # Given back with its end: one transaction less for every task.
        changed |= {"token": None, "owner": None}
    connection.execute(update(TASKS).where(TASKS.c.task_id == task_id).values(changed))
    if row["place"] is not None:
        is_to_show(connection, event)
    return event


def _write(connection: Connection, event: Event) -> bool:
    """Add an event to its log; False when its step is there."""
    missing = insert_missing(connection, EVENTS, as_row(connection, event))
    # Without the option psycopg's number of inserted rows is forgotten.
    return connection.execute(missing, execution_options={"preserve_rowcount": True}).rowcount > 0


def _event(task_id: str, seq: int, step_key: str, body: Body, seconds: float) -> Event:
    return Event(
        seq=seq,
        task_id=task_id,
        step_key=step_key,
        recorded_at=int(time.time()),
        seconds=round(seconds, 3),
        body=body,
    )


def _exists(connection: Connection, task_id: str) -> bool:
    return connection.scalar(select(EVENTS.c.seq).where(EVENTS.c.task_id == task_id).limit(1)) is not None


def _no_such(task_id: str) -> NoSuchTask:
    return NoSuchTask(f"no task {task_id!r}", hint="`ratchet tasks list` shows the tasks")
