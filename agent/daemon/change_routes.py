"""How all tasks stand, as a list or live: what a front end begins with, and what keeps it up to date."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from agent.daemon.asking import Reader, TheDaemon, json_list
from agent.daemon.stream import MEDIA_TYPE, LiveStream
from agent.daemon.telling import ChangesTold
from agent.protocol.summary import TaskSummary
from agent.protocol.value import Value

router = APIRouter(prefix="/v1/changes", tags=["tasks"])
_SUMMARIES: TypeAdapter[Sequence[Value]] = TypeAdapter(list[TaskSummary])


@router.get(
    "",
    response_model=list[TaskSummary],
    responses={
        200: {
            "description": "A list, or with `Accept: text/event-stream` a stream that goes on with "
            "each task that changes (`event: summary`) and never ends by itself",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        },
    },
)
async def changes(request: Request, _: Reader, daemon: TheDaemon) -> Response:
    """Return the newest tasks and every open one, oldest first, and tell what becomes of them."""
    if MEDIA_TYPE not in request.headers.get("accept", ""):
        return json_list(_SUMMARIES, await daemon.read(daemon.catalog.present))
    watcher, present = await daemon.changes.attach()
    return LiveStream(
        watcher,
        ChangesTold(watcher, present, daemon.settings.keep_alive_seconds),
        lambda: daemon.changes.detach(watcher),
        daemon.metrics,
    )
