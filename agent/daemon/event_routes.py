"""What happened to a task: its events, as a list or live, its patch, the files it is about and its log."""

import time
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import Field, TypeAdapter
from pydantic.json_schema import SkipJsonSchema

from agent.daemon.asking import LARGEST_SEQ, Reader, TaskId, TheDaemon, json_list
from agent.daemon.daemon import Daemon
from agent.daemon.hub import task_message
from agent.daemon.problems import documented
from agent.daemon.stream import MEDIA_TYPE, LiveStream
from agent.daemon.telling import TaskTold
from agent.protocol.api import TaskFiles
from agent.protocol.event import Event, TaskFinished
from agent.protocol.summary import Status
from agent.protocol.value import Value

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["tasks"])
_EVENTS: TypeAdapter[Sequence[Value]] = TypeAdapter(list[Event])
_DIFF = "text/x-diff"
_BYTES = "application/octet-stream"
_FilePath = Annotated[
    str,
    Query(pattern=r"^[^\x00]{1,4096}$", description="Path in the tree, with `/` and from its top"),
]
_Seq = Annotated[int, Field(ge=0, le=LARGEST_SEQ)]
_After = Annotated[_Seq | SkipJsonSchema[None], Query(description="Number of the newest event known")]
_LastId = Annotated[
    _Seq | SkipJsonSchema[None], Header(alias="Last-Event-ID", description="The same; it goes first")
]


@router.get(
    "/events",
    response_model=list[Event],
    responses={
        200: {
            "description": "A list, or with `Accept: text/event-stream` a stream that goes on until "
            "the task has ended",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        },
        **documented(404),
    },
)
async def events(
    request: Request,
    task_id: TaskId,
    _: Reader,
    daemon: TheDaemon,
    after: _After = None,
    last_event_id: _LastId = None,
) -> Response:
    """Return the events after a number, as far as they are known or as they happen."""
    start = last_event_id if last_event_id is not None else after or 0
    if MEDIA_TYPE in request.headers.get("accept", ""):
        return await _stream(daemon, task_id, start)
    return json_list(_EVENTS, await daemon.read(daemon.store.events, task_id, start))


@router.get(
    "/patch",
    response_class=PlainTextResponse,
    responses={200: {"content": {_DIFF: {"schema": {"type": "string"}}}}, **documented(404)},
)
async def patch(task_id: TaskId, _: Reader, daemon: TheDaemon) -> Response:
    """Return the unified diff that a task came up with; empty when there is none yet."""
    made = (await daemon.read(daemon.store.state, task_id)).patch
    return Response(made.diff if made else "", media_type=_DIFF)


@router.get("/files", response_model=TaskFiles, responses=documented(404, 410))
async def files(task_id: TaskId, _: Reader, daemon: TheDaemon) -> Response:
    """Return the files that a task's patch changes, before and after; none while there is no patch."""
    state = await daemon.read(daemon.store.state, task_id)
    # What reads repositories comes with the first who asks for it.
    from agent.daemon.patch_files import patch_files  # noqa: PLC0415

    found = await daemon.study(patch_files, state, daemon.settings.state, daemon.settings.machine)
    return Response(found, media_type="application/json")


@router.get(
    "/source",
    response_class=Response,
    responses={
        200: {
            "description": "The file, byte by byte",
            "content": {_BYTES: {"schema": {"type": "string", "format": "binary"}}},
        },
        **documented(404, 410, 413),
    },
)
async def source(task_id: TaskId, path: _FilePath, _: Reader, daemon: TheDaemon) -> Response:
    """Return a file of the tree that the task began with."""
    state = await daemon.read(daemon.store.state, task_id)
    from agent.daemon.source import source_file  # noqa: PLC0415

    settings = daemon.settings
    found = await daemon.study(source_file, state, settings.state, settings.machine, path)
    return Response(found, media_type=_BYTES)


@router.get("/log", response_class=PlainTextResponse, responses=documented(404))
async def log(task_id: TaskId, _: Reader, daemon: TheDaemon) -> Response:
    """Return what happened to a task and the log of its end, for people."""
    found = await daemon.read(daemon.store.events, task_id)
    return PlainTextResponse("".join(_lines(each) for each in found))


async def _stream(daemon: Daemon, task_id: str, after: int) -> Response:
    # Attached first and read then, so that no event falls between the past and the live ones.
    subscriber = daemon.hub.attach(task_id)
    try:
        past = await daemon.read(daemon.store.events, task_id, after)
    except BaseException:
        daemon.hub.detach(subscriber)
        raise

    async def finished(seq: int) -> bool:
        summary = await daemon.read(daemon.catalog.summary, task_id)
        return summary.status is Status.FINISHED and summary.seq <= seq

    messages = [task_message(event) for event in past]
    told = TaskTold(daemon.hub, subscriber, messages, after, finished, daemon.settings.keep_alive_seconds)
    return LiveStream(subscriber, told, lambda: daemon.hub.detach(subscriber), daemon.metrics)


def _lines(event: Event) -> str:
    at = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(event.recorded_at))
    line = f"{at}  {event.step_key:<14} {event.body.type}"
    if isinstance(event.body, TaskFinished):
        end = event.body
        line += f": {end.outcome}: {end.reason}"
        line += "".join(f"\n{more.rstrip()}" for more in (end.hint, end.log) if more)
    return line + "\n"
