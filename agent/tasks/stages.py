"""Which planner a task is with: they are tried in the order of their cost, until one gives up no more."""

from collections.abc import Sequence

from agent.planners.llm.stuck import stuck
from agent.protocol.conversation import Turn
from agent.protocol.model import ModelProfile, Role
from agent.protocol.round import Round
from agent.protocol.state import TaskState
from agent.protocol.task import SEARCH, TaskKind, TaskSpec

MAX_TURNS = 80
"""Of one model in one task."""
MAX_REFUSALS = 5
"""Proposals of one planner that the harness may refuse before it has to give up."""
_FOR_MODELS = {TaskKind.DO, TaskKind.ASK, TaskKind.REVIEW}


def stages(spec: TaskSpec) -> tuple[str, ...]:
    """Return the planners of a task in the order they are tried."""
    return spec.stages or ((spec.planner,) if spec.kind is TaskKind.FIX else ())


def stage(state: TaskState) -> str | None:
    """Return the planner at work, None when all of them gave up."""
    assert state.spec is not None
    order = stages(state.spec)
    return order[state.stage] if state.stage < len(order) else None


def lacks_model(spec: TaskSpec) -> bool:
    """Say whether a task cannot be done because no model was configured for it."""
    return spec.kind in _FOR_MODELS and not any(name != SEARCH for name in stages(spec))


def profile(spec: TaskSpec, stage_name: str, role: Role) -> ModelProfile:
    """Return the model that takes a role while a stage is at work; raises KeyError."""
    known = {one.name: one for one in spec.models}
    return known[spec.roles.get(role, stage_name)]


def turns(state: TaskState) -> tuple[Turn, ...]:
    """Return the turns of the planner at work."""
    return state.turns[state.stage_began :]


def rounds(state: TaskState) -> tuple[Round, ...]:
    """Return the proposals of the planner at work."""
    return tuple(one for one in state.rounds if one.stage == state.stage)


def has_last_word(state: TaskState) -> bool:
    """Say whether the model at work has ended its work, or has to."""
    since = rounds(state)[-1].turns if rounds(state) else state.stage_began
    fresh = state.turns[since:]
    if not fresh:
        # A model that failed is not asked again only because its work was refused.
        return bool(turns(state)) and bool(turns(state)[-1].fault)
    unheard = len(state.steering) > fresh[-1].steered
    return bool(gives_up(state)) or (fresh[-1].is_last_word and not unheard)


def gives_up(state: TaskState) -> str:
    """Return why the model at work cannot go on, empty while it can."""
    taken: Sequence[Turn] = turns(state)
    if not taken:
        return ""
    if taken[-1].fault:
        return taken[-1].reason
    if len(taken) >= MAX_TURNS:
        return f"{MAX_TURNS} turns were taken"
    verdicts = [one.verdict for one in rounds(state) if one.verdict is not None]
    return stuck(taken, verdicts)
