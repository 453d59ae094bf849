"""Tasks: made, listed, shown, and what people ask of them."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

from agent.daemon.asking import (
    Approver,
    Controller,
    Reader,
    Submitter,
    TaskId,
    TheDaemon,
    json_response,
    strict,
)
from agent.daemon.auth import Caller
from agent.daemon.daemon import Daemon
from agent.daemon.problems import documented
from agent.engine.catalog import LARGEST_PAGE, PAGE
from agent.protocol.api import Resolution, TaskView
from agent.protocol.errors import UsageError
from agent.protocol.event import Event
from agent.protocol.policy import Decision
from agent.protocol.summary import Status, TaskPage
from agent.protocol.task import TaskKind, TaskSpec
from agent.protocol.value import Value
from agent.tasks.grants import granted

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])
_ONE_KEY = r"[\x21-\x2b\x2d-\x7e]{1,200}"
_MOST_KEYS = 8
_Keys = Annotated[
    Annotated[str, Field(pattern=rf"^{_ONE_KEY}(, ?{_ONE_KEY}){{0,{_MOST_KEYS - 1}}}$")]
    | SkipJsonSchema[None],
    Header(
        alias="Idempotency-Key",
        description="Asking again with the same key gives the task that the first request made. Several keys "
        "with commas between them all lead to one task; where they led to different ones, the first counts",
    ),
]
_Text = Annotated[Annotated[str, Field(max_length=4096)] | SkipJsonSchema[None], Query()]
_Cursor = Annotated[
    Annotated[str, Field(pattern="^[0-9]{1,18}$")] | SkipJsonSchema[None],
    Query(description="From the page before"),
]


class Priority(Value):
    """Body of a priority request; the lower number goes first."""

    priority: int = Field(ge=0, le=1000)


# What `str.isspace` knows, spelled out: what `\s` is differs between languages.
_SAYS_SOMETHING = r"[^\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"


class Steering(Value):
    """Body of a steering request."""

    text: str = Field(min_length=1, max_length=20_000, pattern=_SAYS_SOMETHING)


class Denial(Value):
    """Body of deny: which approval, and why; None means the only open one. A no ends the task."""

    approval_id: str | None = None
    reason: str = ""


_Spec = Annotated[TaskSpec, strict(TaskSpec)]
_Priority = Annotated[Priority, strict(Priority)]
_Steering = Annotated[Steering, strict(Steering)]
_Resolution = Annotated[Resolution, strict(Resolution)]
_Denial = Annotated[Denial, strict(Denial)]


@router.post(
    "",
    status_code=201,
    response_model=TaskView,
    responses={200: {"model": TaskView, "description": "A key was known"}, **documented(409)},
)
async def create(spec: _Spec, caller: Submitter, daemon: TheDaemon, keys: _Keys = None) -> Response:
    """Submit a task."""
    created = await daemon.write(daemon.store.create, _completed(spec, caller), keys=_separate(keys))
    if created.fresh:
        daemon.changes.changed(created.task_id)
        daemon.supervisor.wake()
        if spec.trigger is not None:
            # Its first event has nothing to show, but the process that shows the next one takes a while.
            daemon.publishing.wake()
    return await _shown(daemon, created.task_id, 201 if created.fresh else 200)


@router.get("", response_model=TaskPage)
async def page(
    _: Reader,
    daemon: TheDaemon,
    cursor: _Cursor = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = PAGE,
    status: Status | SkipJsonSchema[None] = None,
    repository: _Text = None,
    parent: _Text = None,
) -> Response:
    """List tasks, newest first."""
    found = await daemon.read(
        daemon.catalog.page,
        cursor=cursor,
        limit=limit,
        status=status,
        repository=_without_nul(repository),
        parent=_without_nul(parent),
    )
    return json_response(found)


@router.get("/{task_id}", response_model=TaskView, responses=documented(404))
async def show(task_id: TaskId, _: Reader, daemon: TheDaemon) -> Response:
    """Show a task as it stands."""
    return await _shown(daemon, task_id)


@router.post("/{task_id}/cancel", response_model=TaskView, responses=documented(404, 409))
async def cancel(task_id: TaskId, caller: Controller, daemon: TheDaemon) -> Response:
    """Stop a task for good; what it made so far is kept."""
    events = await daemon.write(daemon.control.cancel, task_id, by=caller.by)
    daemon.supervisor.enforce_cancel(task_id)
    return await _changed(daemon, task_id, events)


@router.post("/{task_id}/pause", response_model=TaskView, responses=documented(404, 409))
async def pause(task_id: TaskId, caller: Controller, daemon: TheDaemon) -> Response:
    """Stop a task until somebody resumes it."""
    return await _changed(daemon, task_id, await daemon.write(daemon.control.pause, task_id, by=caller.by))


@router.post("/{task_id}/resume", response_model=TaskView, responses=documented(404, 409))
async def resume(task_id: TaskId, caller: Controller, daemon: TheDaemon) -> Response:
    """Let a paused task go on."""
    return await _changed(daemon, task_id, await daemon.write(daemon.control.resume, task_id, by=caller.by))


@router.post("/{task_id}/retry", response_model=TaskView, responses=documented(404, 409))
async def retry(task_id: TaskId, caller: Controller, daemon: TheDaemon) -> Response:
    """Begin a finished task again, unless it was proven."""
    events = await daemon.write(daemon.control.retry, task_id, by=caller.by)
    daemon.supervisor.allow_again(task_id)
    return await _changed(daemon, task_id, events)


@router.post("/{task_id}/priority", response_model=TaskView, responses=documented(404, 409))
async def prioritize(task_id: TaskId, wanted: _Priority, caller: Controller, daemon: TheDaemon) -> Response:
    """Move a task in the queue."""
    events = await daemon.write(daemon.control.prioritize, task_id, wanted.priority, by=caller.by)
    return await _changed(daemon, task_id, events)


@router.post("/{task_id}/steer", response_model=TaskView, responses=documented(404, 409))
async def steer(task_id: TaskId, wanted: _Steering, caller: Controller, daemon: TheDaemon) -> Response:
    """Tell the model at work something; its next turn begins with it."""
    events = await daemon.write(daemon.control.steer, task_id, wanted.text, by=caller.by)
    return await _changed(daemon, task_id, events)


@router.post("/{task_id}/approve", response_model=TaskView, responses=documented(404, 409))
async def approve(task_id: TaskId, answer: _Resolution, caller: Approver, daemon: TheDaemon) -> Response:
    """Allow what a task asks for, in every front end at once."""
    return await _resolved(daemon, task_id, answer, Decision.ALLOW, caller)


@router.post("/{task_id}/deny", response_model=TaskView, responses=documented(404, 409))
async def deny(task_id: TaskId, answer: _Denial, caller: Approver, daemon: TheDaemon) -> Response:
    """Refuse what a task asks for, in every front end at once."""
    known = Resolution(**answer.model_dump())
    return await _resolved(daemon, task_id, known, Decision.DENY, caller)


async def _resolved(
    daemon: Daemon, task_id: str, answer: Resolution, decision: Decision, caller: Caller
) -> Response:
    grant = partial(granted, scope=answer.scope, pattern=answer.pattern)
    resolve = partial(
        daemon.control.resolve, by=caller.by, reason=answer.reason, scope=answer.scope, grant=grant
    )
    return await _changed(daemon, task_id, await daemon.write(resolve, task_id, answer.approval_id, decision))


async def _changed(daemon: Daemon, task_id: str, events: Sequence[Event]) -> Response:
    daemon.spread(events)
    return await _shown(daemon, task_id)


async def _shown(daemon: Daemon, task_id: str, status: int = 200) -> Response:
    return json_response(await daemon.read(daemon.catalog.view, task_id), status)


def _separate(keys: str | None) -> tuple[str, ...]:
    return tuple(key.strip() for key in keys.split(",")) if keys else ()


def _completed(spec: TaskSpec, caller: Caller) -> TaskSpec:
    """Say in the spec who really asks."""
    if spec.kind is TaskKind.REPLY and spec.trigger is None:
        raise UsageError("a reply answers what happened on a forge, and needs a trigger")
    return spec.model_copy(update={"front_end": caller.front_end}) if caller.named else spec


def _without_nul(text: str | None) -> str | None:
    # PostgreSQL cannot hold one, nor can a path have one.
    if text is not None and "\0" in text:
        raise UsageError("text with a NUL character names nothing")
    return text
