"""What routes have in common: the daemon, who asks, and values as answers."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path, Request
from fastapi.responses import Response
from pydantic import TypeAdapter, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

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


T = TypeVar("T", bound=Value)


def strict(kind: type[T]) -> WrapValidator:
    """Return the validator of a body that is JSON: "1" is no number there, 1 no truth, and NaN nothing."""

    def read(data: Any, _: ValidatorFunctionWrapHandler) -> T:
        try:
            return kind.model_validate_json(_plain_json(data), strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            said = {"place": place, "said": first["msg"]}
            raise PydanticCustomError("body", "{place}: {said}", said) from None

    return WrapValidator(read)


def _plain_json(data: Any) -> str:
    """Return data as JSON in which whole numbers have no fraction, as JSON Schema sees them."""
    try:
        text = json.dumps(data, allow_nan=False)
        return json.dumps(json.loads(text, parse_float=_number))
    except (TypeError, ValueError, RecursionError):
        raise PydanticCustomError("body", "the body is not JSON of the type that is declared") from None


def _number(text: str) -> int | float:
    number = float(text)
    return int(number) if number.is_integer() else number


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
