"""The tasks and their events: appended once under a step key, folded by everybody."""

import json
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, delete, exc, insert, select, update

from agent.engine import blobs
from agent.engine.database import Database
from agent.engine.errors import LeaseLost, NoSuchTask
from agent.engine.lease import Lease
from agent.engine.projection import cost, projected
from agent.engine.schema import CHECKPOINTS, EFFECTS, EVENTS, TASKS
from agent.protocol.event import Body, Event, TaskSubmitted, parse_event
from agent.protocol.state import TaskState, fold
from agent.protocol.task import TaskSpec

Facts = Sequence[tuple[str, Body]]
Decide = Callable[[TaskState, bool], Facts]
"""From a task's state, and whether somebody works on it, to what is recorded next."""


@dataclass(frozen=True, slots=True)
class Created:
    """A task that was asked for; `fresh` is False when the idempotency key was known."""

    task_id: str
    fresh: bool


class TaskStore:
    """Reads and appends events; safe from many threads and processes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create(
        self, spec: TaskSpec, *, key: str | None = None, task_id: str | None = None, facts: Facts = ()
    ) -> Created:
        """Record a new task with facts that are known already; asking again with `key` finds the first."""
        wanted = task_id or new_task_id()
        try:
            with self.database.write() as connection:
                known = self._known(connection, key, wanted)
                if known is not None:
                    return Created(known, fresh=False)
                for step_key, body in (("submit", TaskSubmitted(spec=spec, key=key)), *facts):
                    self._insert(connection, wanted, step_key, body, 0.0)
        except exc.IntegrityError:
            # Somebody else asked at the same moment: theirs is the task.
            with self.database.read() as connection:
                known = self._known(connection, key, wanted)
            if known is None:
                raise
            return Created(known, fresh=False)
        return Created(wanted, fresh=True)

    def events(self, task_id: str, after: int = 0) -> list[Event]:
        """Return the events with a larger `seq`, in order; raises NoSuchTask."""
        with self.database.read() as connection:
            found = self._events(connection, task_id, after)
            if not found and not self._exists(connection, task_id):
                raise _no_such(task_id)
        return found

    def state(self, task_id: str) -> TaskState:
        """Return the fold of a task's events; raises NoSuchTask."""
        return fold(self.events(task_id))

    def append(
        self, task_id: str, step_key: str, body: Body, *, lease: Lease | None = None, seconds: float = 0.0
    ) -> Event:
        """Record a step once; a step that was recorded before returns as it was.

        Raises LeaseLost when `lease` is no longer the task's, NoSuchTask, StoreUnavailable.
        """
        with self.database.write() as connection:
            row = self._locked(connection, task_id)
            if lease is not None and row.token != lease.token:
                raise LeaseLost(task_id)
            return self._recorded(connection, task_id, step_key) or self._insert(
                connection, task_id, step_key, body, seconds
            )

    def decide(self, task_id: str, decide: Decide) -> list[Event]:
        """Record what follows from the state as it is at this moment; raises what `decide` raises."""
        with self.database.write() as connection:
            row = self._locked(connection, task_id)
            state = fold(self._events(connection, task_id, 0))
            wanted = decide(state, row.token is not None)
            return [self._insert(connection, task_id, key, body, 0.0) for key, body in wanted]

    def rebuild(self) -> int:
        """Make the rows of tasks that only their events know; returns how many."""
        with self.database.read() as connection:
            lost = select(EVENTS.c.task_id).where(
                EVENTS.c.seq == 1, EVENTS.c.task_id.not_in(select(TASKS.c.task_id))
            )
            missing = list(connection.scalars(lost.order_by(EVENTS.c.recorded_at, EVENTS.c.task_id)))
        for task_id in missing:
            with self.database.write() as connection:
                self._locked(connection, task_id)
        return len(missing)

    def _known(self, connection: Connection, key: str | None, task_id: str) -> str | None:
        same = TASKS.c.task_id == task_id
        wanted = same if key is None else same | (TASKS.c.key == key)
        found: str | None = connection.scalar(select(TASKS.c.task_id).where(wanted))
        return found

    def _exists(self, connection: Connection, task_id: str) -> bool:
        return connection.scalar(select(EVENTS.c.seq).where(EVENTS.c.task_id == task_id).limit(1)) is not None

    def _locked(self, connection: Connection, task_id: str) -> Row[Any]:
        """Return the row of a task, made from its events when it is missing."""
        query = select(TASKS).where(TASKS.c.task_id == task_id).with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None:
            found = self._events(connection, task_id, 0)
            if not found:
                raise _no_such(task_id)
            for event in found:
                self._project(connection, event)
            row = connection.execute(query).one()
        return row

    def _events(self, connection: Connection, task_id: str, after: int) -> list[Event]:
        query = select(EVENTS).where(EVENTS.c.task_id == task_id, EVENTS.c.seq > after)
        return [_event(connection, row) for row in connection.execute(query.order_by(EVENTS.c.seq))]

    def _recorded(self, connection: Connection, task_id: str, step_key: str) -> Event | None:
        query = select(EVENTS).where(EVENTS.c.task_id == task_id, EVENTS.c.step_key == step_key)
        row = connection.execute(query).one_or_none()
        return _event(connection, row) if row else None

    def _insert(
        self, connection: Connection, task_id: str, step_key: str, body: Body, seconds: float
    ) -> Event:
        last = connection.scalar(select(TASKS.c.seq).where(TASKS.c.task_id == task_id)) or 0
        event = Event(
            seq=last + 1,
            task_id=task_id,
            step_key=step_key,
            recorded_at=int(time.time()),
            seconds=round(seconds, 3),
            body=body,
        )
        text = body.model_dump_json()
        large = len(text) > blobs.LARGE
        connection.execute(
            insert(EVENTS).values(
                task_id=task_id,
                seq=event.seq,
                step_key=step_key,
                type=body.type,
                recorded_at=event.recorded_at,
                seconds=event.seconds,
                body=None if large else text,
                blob=blobs.put(connection, text.encode()) if large else None,
            )
        )
        self._project(connection, event)
        return event

    def _project(self, connection: Connection, event: Event) -> None:
        columns = {"seq": event.seq, "step": event.step_key, "updated_at": event.recorded_at, "tries": 0}
        changed = projected(event)
        if isinstance(event.body, TaskSubmitted):
            connection.execute(insert(TASKS).values(task_id=event.task_id, **columns, **changed))
            return
        if "seconds" not in changed and event.seconds:
            changed["seconds"] = TASKS.c.seconds + event.seconds
        if spent := cost(event):
            changed["cost_usd"] = TASKS.c.cost_usd + spent
        this = TASKS.c.task_id == event.task_id
        connection.execute(update(TASKS).where(this).values(**columns, **changed))


def forget(connection: Connection, task_ids: Iterable[str]) -> None:
    """Remove tasks with all that is theirs; blobs are collected afterwards."""
    for task_id in task_ids:
        for table in (EVENTS, EFFECTS, CHECKPOINTS, TASKS):
            connection.execute(delete(table).where(table.c.task_id == task_id))


def new_task_id() -> str:
    """Return an id that sorts by time: `YYYYMMDD-HHMMSS-xxxxxxxx`."""
    return time.strftime("%Y%m%d-%H%M%S-", time.gmtime()) + secrets.token_hex(4)


def _event(connection: Connection, row: Row[Any]) -> Event:
    text = row.body if row.blob is None else blobs.get(connection, row.blob)
    return parse_event(
        {
            "seq": row.seq,
            "task_id": row.task_id,
            "step_key": row.step_key,
            "recorded_at": row.recorded_at,
            "seconds": row.seconds,
            "body": json.loads(text),
        }
    )


def _no_such(task_id: str) -> NoSuchTask:
    return NoSuchTask(f"no task {task_id!r}", hint="`ratchet tasks list` shows the tasks")
