"""How events lie in their table: small bodies as JSON, large ones in a blob."""

import json
import zlib
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row, select

from agent.engine import blobs
from agent.engine.errors import LogUnreadable
from agent.engine.schema import BLOBS, EVENTS
from agent.protocol.event import Event, parse_event

_LAST_SEQ = 2**31 - 1


def as_row(connection: Connection, event: Event) -> dict[str, Any]:
    """Return the columns of an event, its body put into a blob when it is large."""
    text = event.body.model_dump_json()
    large = len(text) > blobs.LARGE
    return {
        "task_id": event.task_id,
        "seq": event.seq,
        "step_key": event.step_key,
        "type": event.body.type,
        "recorded_at": event.recorded_at,
        "seconds": event.seconds,
        "body": None if large else text,
        "blob": blobs.put(connection, text.encode()) if large else None,
    }


def read_log(
    connection: Connection, task_id: str, after: int = 0, step_key: str | None = None
) -> list[Event]:
    """Return a task's events with a larger `seq`, or of one step, in order; raises LogUnreadable."""
    query = select(EVENTS, BLOBS.c.data).outerjoin(BLOBS, BLOBS.c.hash == EVENTS.c.blob)
    query = query.where(EVENTS.c.task_id == task_id, EVENTS.c.seq > max(0, min(after, _LAST_SEQ)))
    if step_key is not None:
        query = query.where(EVENTS.c.step_key == step_key)
    return [_read(row) for row in connection.execute(query.order_by(EVENTS.c.seq))]


def _read(row: Row[Any]) -> Event:
    fields = ("seq", "task_id", "step_key", "recorded_at", "seconds")
    try:
        text = row.body if row.blob is None else blobs.unpack(row.data or b"")
        return parse_event({**{name: getattr(row, name) for name in fields}, "body": json.loads(text)})
    except (ValidationError, ValueError, zlib.error) as error:
        raise LogUnreadable(
            f"event {row.seq} of task {row.task_id} cannot be read: {type(error).__name__}",
            hint="a newer Ratchet may have written it: upgrade, or see `ratchet doctor`",
            log=str(error),
        ) from error
