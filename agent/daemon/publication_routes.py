"""What a task shows on the forge that it came from."""

from fastapi import APIRouter
from fastapi.responses import Response

from agent.daemon.asking import Reader, TaskId, TheDaemon, json_response
from agent.daemon.problems import documented
from agent.protocol.api import TaskPublication

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get("/{task_id}/publication", response_model=TaskPublication, responses=documented(404))
async def publication(task_id: TaskId, _: Reader, daemon: TheDaemon) -> Response:
    """Return what is shown of a task on its forge, and whether that is all there is to show."""
    return json_response(await daemon.read(daemon.publication, task_id))
