"""The HTTP API as one app."""

from typing import Any

from fastapi import FastAPI

import agent
from agent.daemon import (
    change_routes,
    event_routes,
    index_routes,
    publication_routes,
    system_routes,
    task_routes,
)
from agent.daemon.daemon import Daemon
from agent.daemon.problems import documented, install
from agent.protocol.api import Problem

_EVERYWHERE = (400, 401, 403, 413, 421, 422, 500, 503)
_TITLE = "Ratchet"
_BEARER = {"bearer": {"type": "http", "scheme": "bearer"}}


def create_app(daemon: Daemon) -> FastAPI:
    """Return the API of a daemon; requests have to come through a Gate."""
    app = FastAPI(
        title=_TITLE,
        version=agent.__version__,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        responses=documented(*_EVERYWHERE),
    )
    app.state.daemon = daemon
    install(app)
    parts = (task_routes, publication_routes, change_routes, event_routes, index_routes, system_routes)
    for routes in parts:
        app.include_router(routes.router)
    make = app.openapi
    app.openapi = lambda: _completed(make())  # type: ignore[method-assign]
    return app


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    """Add to the description what every answer can be, and how to say who asks."""
    components = schema.setdefault("components", {})
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    components.setdefault("schemas", {}).update({**problem.pop("$defs", {}), "Problem": problem})
    components["securitySchemes"] = _BEARER
    schema["security"] = [{"bearer": []}]
    return schema
