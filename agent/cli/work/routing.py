"""Which planners and models a task is tried with, as the user's settings and the command say."""

from typing import Any

from agent.protocol.errors import UsageError
from agent.protocol.model import Role
from agent.protocol.task import TaskKind
from agent.sections import RoutingConfig, UserConfig

AUTO, SEARCH = "auto", "search"


def routed(user: UserConfig, kind: TaskKind, planner: str | None) -> dict[str, Any]:
    """Return the fields of a spec that say who plans; raises UsageError for a name that nobody has."""
    if kind is TaskKind.VERIFY:
        return {}
    order = _stages(user, kind, planner or AUTO)
    roles = {role: name for role in Role if (name := getattr(user.routing, role)) and planner in (None, AUTO)}
    for name in (*order, *roles.values()):
        if name != SEARCH and name not in user.models:
            known = ", ".join((SEARCH, *user.models)) if kind is TaskKind.FIX else ", ".join(user.models)
            raise UsageError(
                f"there is no model named {name!r}", hint=f"known: {known or 'none'}; see docs/models.md"
            )
    named = {*order, *roles.values()}
    return {
        "planner": planner or AUTO,
        "stages": order,
        "roles": roles if any(name != SEARCH for name in order) else {},
        "models": tuple(one for name, one in user.models.items() if name in named),
    }


def bounds(routing: RoutingConfig, budget: float | None) -> dict[str, float | int | None]:
    """Return what models may cost: the settings, and `--budget` where it is less."""
    costs = [one for one in (routing.cost_usd_per_task, budget) if one is not None]
    return {
        "cost_usd": min(costs, default=None),
        "tokens": routing.tokens_per_task,
        "model_calls": routing.calls_per_task,
        "cost_usd_per_day": routing.cost_usd_per_day,
        "tokens_per_day": routing.tokens_per_day,
        "model_calls_per_day": routing.calls_per_day,
    }


def _stages(user: UserConfig, kind: TaskKind, planner: str) -> tuple[str, ...]:
    models = [name for name in user.routing.stages or tuple(user.models) if name != SEARCH]
    if planner != AUTO:
        chosen = [planner]
    elif user.routing.stages:
        chosen = list(user.routing.stages)
    else:
        chosen = [SEARCH, *models]
    return tuple(name for name in chosen if name != SEARCH or kind is TaskKind.FIX)
