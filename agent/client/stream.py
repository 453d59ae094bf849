"""The events of a task as they happen, each once and in order, over as many connections as it takes."""

import json
from collections.abc import AsyncIterator, Callable

import httpx
from httpx_sse import EventSource, ServerSentEvent
from pydantic import ValidationError

from agent.client.connection import Connection, Patience
from agent.protocol.event import Event, UnknownEvent, parse_event
from agent.protocol.progress import Progress
from agent.protocol.summary import TaskSummary

Linked = Callable[[bool], None]
_TASK, _PROGRESS, _END, _SUMMARY = "task", "progress", "end", "summary"


async def follow(connection: Connection, path: str, after: int) -> AsyncIterator[Event | Progress]:
    """Yield what happens after event number `after` until the task has ended.

    A cut, a drop for reading too slowly and a restart of the daemon go unnoticed. Raises
    RatchetError when the task is unknown or no daemon can be reached.
    """
    patience = Patience()
    while True:
        cause: httpx.TransportError | None = None
        try:
            async for message in _messages(connection, path, after):
                patience.reset()
                if message.event == _END:
                    return
                item = _item(message)
                if isinstance(item, Event):
                    if item.seq <= after:
                        continue
                    if item.seq > after + 1:
                        # Something was left out: ask for it again.
                        break
                    after = item.seq
                if item is not None:
                    yield item
        except httpx.TransportError as error:
            cause = error
        await patience.wait(cause)


async def watch(connection: Connection, linked: Linked | None = None) -> AsyncIterator[TaskSummary]:
    """Yield tasks as they change, for ever; raises RatchetError when no daemon can be reached.

    `linked` is told whether there is a connection, whenever that changed.
    """
    tell = linked or _nobody
    patience = Patience()
    while True:
        cause: httpx.TransportError | None = None
        try:
            async for message in _messages(connection, "/v1/changes", 0, lambda: tell(True)):
                patience.reset()
                if message.event == _SUMMARY:
                    yield TaskSummary.model_validate_json(message.data, extra="ignore")
        except httpx.TransportError as error:
            cause = error
        tell(False)
        await patience.wait(cause)


def _nobody(_: bool) -> None:
    """Hear nothing."""


async def _messages(
    connection: Connection, path: str, after: int, opened: Callable[[], None] = lambda: None
) -> AsyncIterator[ServerSentEvent]:
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store", "Last-Event-ID": str(after)}
    async with connection.stream(path, headers) as response:
        opened()
        async for message in EventSource(response).aiter_sse():
            yield message


def _item(message: ServerSentEvent) -> Event | Progress | None:
    if message.event == _TASK:
        return _event(message.data)
    if message.event == _PROGRESS:
        return Progress.model_validate_json(message.data, extra="ignore")
    return None


def _event(text: str) -> Event:
    """Read an event; one whose body a newer daemon has widened is kept as an unknown one."""
    data = json.loads(text)
    try:
        return parse_event(data)
    except ValidationError:
        body = dict(data["body"])
        return Event(**{**data, "body": UnknownEvent(type=body.pop("type"), data=body)})
