"""What routes have in common: the daemon, who asks, and values as answers."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import Depends, Path, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from agent.daemon.auth import Caller, Scope
from agent.daemon.daemon import Daemon
from agent.daemon.errors import NotAllowed
from agent.daemon.gate import caller_of
from agent.protocol.value import Value

TaskId = Annotated[str, Path(pattern=r"^[A-Za-z0-9._:-]{1,100}$", description="Id of a task")]
LARGEST_SEQ = 2**31 - 1


async def the_daemon(request: Request) -> Daemon:
    """Return the daemon that the app was made for."""
    daemon: Daemon = request.app.state.daemon
    return daemon


def allowed(scope: Scope) -> Callable[[Request], object]:
    """Return a dependency that gives the caller, who must have a scope."""

    async def caller(request: Request) -> Caller:
        found = caller_of(request.scope)
        if scope not in found.scopes:
            raise NotAllowed(f"the token of {found.front_end!r} does not allow to {scope}")
        return found

    return caller


TheDaemon = Annotated[Daemon, Depends(the_daemon)]
Reader = Annotated[Caller, Depends(allowed(Scope.READ))]
Submitter = Annotated[Caller, Depends(allowed(Scope.SUBMIT))]
Controller = Annotated[Caller, Depends(allowed(Scope.CONTROL))]
Approver = Annotated[Caller, Depends(allowed(Scope.APPROVE))]


def json_response(value: Value, status: int = 200) -> Response:
    """Return a value as the answer to a request."""
    return Response(value.model_dump_json(), status_code=status, media_type="application/json")


def json_list(kind: TypeAdapter[Sequence[Value]], values: Sequence[Value]) -> Response:
    """Return several values as the answer to a request."""
    return Response(kind.dump_json(values), media_type="application/json")
