"""Which planners and models a task is tried with, as the user's settings and the command say."""

import os
from collections.abc import Mapping
from typing import Any

from agent.protocol.errors import UsageError
from agent.protocol.task import SEARCH, TaskKind
from agent.routing import Routing, routing
from agent.sections import RoutingConfig, UserConfig

AUTO = "auto"


def routed(
    user: UserConfig, kind: TaskKind, planner: str | None, environ: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Return the fields of a spec that say who plans; raises UsageError for a name that nobody has."""
    if kind in (TaskKind.VERIFY, TaskKind.REPLY):
        return {}
    found = routing(user, environ)
    if planner not in (None, AUTO):
        order: tuple[str, ...] = (_known(str(planner), kind, found),)
        roles = {}
    else:
        said = user.routing.stages or environ.get("RATCHET_MODEL")
        order, roles = found.stages if said else (SEARCH, *found.stages), dict(found.roles)
    stages = tuple(name for name in order if name != SEARCH or kind is TaskKind.FIX)
    needed = {*stages, *roles.values()} if any(name != SEARCH for name in stages) else set()
    return {
        "planner": planner or AUTO,
        "stages": stages,
        "roles": roles if needed else {},
        "models": tuple(one for one in found.models if one.name in needed),
    }


def bounds(asked: RoutingConfig, budget: float | None) -> dict[str, float | int | None]:
    """Return what models may cost: the settings, and `--budget` where it is less."""
    costs = [one for one in (asked.cost_usd_per_task, budget) if one is not None]
    return {
        "cost_usd": min(costs, default=None),
        "tokens": asked.tokens_per_task,
        "model_calls": asked.calls_per_task,
        "cost_usd_per_day": asked.cost_usd_per_day,
        "tokens_per_day": asked.tokens_per_day,
        "model_calls_per_day": asked.calls_per_day,
    }


def _known(name: str, kind: TaskKind, found: Routing) -> str:
    names = [one.name for one in found.models]
    if name in names or (name == SEARCH and kind is TaskKind.FIX):
        return name
    known = ", ".join([SEARCH, *names] if kind is TaskKind.FIX else names)
    raise UsageError(
        f"there is no model named {name!r}", hint=f"known: {known or 'none'}; see docs/models.md"
    )
