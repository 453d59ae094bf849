"""Every error of the API as RFC 9457 problem details."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route

from agent.daemon.errors import (
    FilesGone,
    FilesTooLarge,
    IndexBusy,
    NotAllowed,
    NotAuthenticated,
    TooLarge,
    WrongHost,
)
from agent.engine.errors import LogUnreadable, NoSuchTask, NotPossible, StoreUnavailable
from agent.index.errors import IndexDamaged, IndexUnavailable
from agent.protocol.api import Problem
from agent.protocol.errors import RatchetError, RepositoryError, UsageError
from agent.protocol.outcome import Outcome

MEDIA_TYPE = "application/problem+json"
_STATUS: Sequence[tuple[type[RatchetError], HTTPStatus]] = (
    (NoSuchTask, HTTPStatus.NOT_FOUND),
    (NotPossible, HTTPStatus.CONFLICT),
    (FilesGone, HTTPStatus.GONE),
    (FilesTooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (RepositoryError, HTTPStatus.NOT_FOUND),
    (IndexBusy, HTTPStatus.SERVICE_UNAVAILABLE),
    (IndexDamaged, HTTPStatus.SERVICE_UNAVAILABLE),
    (IndexUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (NotAuthenticated, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (WrongHost, HTTPStatus.MISDIRECTED_REQUEST),
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (UsageError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (StoreUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (LogUnreadable, HTTPStatus.SERVICE_UNAVAILABLE),
)
_SHOWN_ERRORS = 3
REQUEST_ID = "request_id"
"""Key in the state of a request."""


def problem_response(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as the answer to a request."""
    return Response(
        problem.model_dump_json(), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers
    )


def problem_of(error: RatchetError) -> Problem:
    """Return what an error looks like from outside."""
    status = next((s for kind, s in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    return Problem(
        type=f"urn:ratchet:{error.code}",
        title=status.phrase,
        status=status,
        detail=error.message,
        hint=error.hint,
        outcome=error.outcome,
    )


def error_response(error: RatchetError) -> Response:
    """Return an error as the answer to a request."""
    return problem_response(problem_of(error), _headers(error))


def _headers(error: RatchetError) -> Mapping[str, str] | None:
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": "2"} if isinstance(error, IndexBusy) else None


def unexpected(request_id: str) -> Response:
    """Return the answer to a request that hit a bug of ours; the log has the rest under the id."""
    return problem_response(
        Problem(
            type="urn:ratchet:bug",
            title=HTTPStatus.INTERNAL_SERVER_ERROR.phrase,
            status=HTTPStatus.INTERNAL_SERVER_ERROR,
            detail=f"the daemon failed to answer (request {request_id})",
            hint="this is a bug in Ratchet; `ratchet daemon logs` has the traceback",
        )
    )


def install(app: FastAPI) -> None:
    """Answer every error that routes and the framework raise with a problem."""
    app.add_exception_handler(RatchetError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_surprise)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI entries of the problems that a route may answer with."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


async def _on_ours(_: Request, error: Exception) -> Response:
    assert isinstance(error, RatchetError)
    return error_response(error)


async def _on_surprise(request: Request, _: Exception) -> Response:
    # The framework raises it again afterwards, so that the gate writes it down.
    return unexpected(request.scope["state"][REQUEST_ID])


async def _on_invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
    more = f" (and {len(found) - _SHOWN_ERRORS} more)" if len(found) > _SHOWN_ERRORS else ""
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return problem_response(
        Problem(
            type="urn:ratchet:invalid",
            title=status.phrase,
            status=status,
            detail="; ".join(found[:_SHOWN_ERRORS]) + more,
            hint="/openapi.json describes what is taken",
            outcome=Outcome.USAGE,
        )
    )


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    ours = status < HTTPStatus.INTERNAL_SERVER_ERROR
    problem = Problem(
        type=f"urn:ratchet:http-{status.value}",
        title=status.phrase,
        status=status,
        detail=str(error.detail),
        outcome=Outcome.USAGE if ours else Outcome.ERROR,
    )
    headers = error.headers
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(sorted(_methods_of(request)))}
    return problem_response(problem, headers)


def _methods_of(request: Request) -> set[str]:
    """Return what can be done at a path by all its routes together; the framework names those of one."""
    fitting = [
        route
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    ]
    return {method for route in fitting for method in route.methods or ()}
