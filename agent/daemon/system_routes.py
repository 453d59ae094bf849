"""The daemon itself: its health, its figures, the repositories it knows, and its end."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from pydantic import TypeAdapter

from agent.daemon.asking import Controller, Reader, TheDaemon, json_list, json_response, strict
from agent.daemon.metrics import MEDIA_TYPE
from agent.protocol.api import Health, RepositoryUse
from agent.protocol.value import Value

router = APIRouter(prefix="/v1", tags=["daemon"])
_USES: TypeAdapter[Sequence[Value]] = TypeAdapter(list[RepositoryUse])


class Shutdown(Value):
    """Body of a shutdown request."""

    drain: bool = True
    """Let the tasks that run come to their end first; else their step is left to the next daemon."""


@router.get("/health", response_model=Health)
async def health(_: Reader, daemon: TheDaemon) -> Response:
    """Say who serves, and whether it has work."""
    return json_response(await daemon.read(daemon.health))


@router.get("/repositories", response_model=list[RepositoryUse])
async def repositories(_: Reader, daemon: TheDaemon) -> Response:
    """List the repositories that tasks were made for."""
    return json_list(_USES, await daemon.read(daemon.catalog.repositories))


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(_: Reader, daemon: TheDaemon) -> Response:
    """Return the daemon's figures in Prometheus' format."""
    open_tasks = await daemon.read(daemon.catalog.counts)
    counts = {str(status): count for status, count in open_tasks.items()}
    return Response(daemon.metrics.text(counts), media_type=MEDIA_TYPE)


@router.post("/shutdown", status_code=202, response_model=Health)
async def shutdown(
    wanted: Annotated[Shutdown, strict(Shutdown)], _: Controller, daemon: TheDaemon
) -> Response:
    """End the daemon; tasks that wait stay queued for the next one."""
    daemon.stop(drain=wanted.drain)
    return json_response(await daemon.read(daemon.health), 202)
