"""One turn: a request built from what is recorded, one answer, and all of its tool calls."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.models.faults import ModelFault
from agent.models.model import Listening, Model, Reply, Request, ToolSpec
from agent.planners.llm.assignment import Conversation
from agent.planners.llm.opening import Opening
from agent.planners.llm.transcript import transcript
from agent.protocol.conversation import Turn
from agent.protocol.model import ModelProfile, Role
from agent.protocol.proposal import Effort
from agent.tools.calling import Called, call_all
from agent.tools.tool import Desk, Tools
from agent.tools.toolbox import parameters, toolbox

_MARGIN = 512
"""Tokens left free, since all counts are estimates."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Who takes a turn, and what the turns of a task share."""

    model: Model
    role: Role
    opening: Opening
    opening_tokens: int
    """Of the opening and the tools together."""


def take_turn(seat: Seat, conversation: Conversation, desk: Desk, listening: Listening, steered: int) -> Turn:
    """Ask once and do what was asked for; a fault of the model is a turn, too. Raises Interrupted."""
    tools = toolbox(desk)
    messages = (*seat.opening.messages, *transcript(conversation, _room(seat)))
    request = Request(messages=messages, tools=specs(tools))
    try:
        reply = seat.model.complete(request, listening)
    except ModelFault as fault:
        return _faulty(seat, desk, fault, steered)
    called, after = call_all(tools, desk, reply.calls)
    noted = () if conversation.turns else seat.opening.flags
    return _turn(seat, reply, called, after, desk).model_copy(
        update={"steered": steered, "flags": (*noted, *_flags(called))}
    )


def specs(tools: Tools) -> tuple[ToolSpec, ...]:
    """Return tools as a model sees them."""
    return tuple(ToolSpec(one.name, one.description, parameters(one.arguments)) for one in tools)


def _flags(called: Sequence[Called]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flag for one in called for flag in one.outcome.flags))


def _room(seat: Seat) -> int:
    profile: ModelProfile = seat.model.profile
    return profile.context - profile.max_output - seat.opening_tokens - _MARGIN


def _turn(seat: Seat, reply: Reply, called: Sequence[Called], after: Desk, before: Desk) -> Turn:
    return Turn(
        role=seat.role,
        model=seat.model.profile.name,
        text=reply.text,
        uses=tuple(one.use for one in called),
        tree=after.tree,
        plan=after.plan if after.plan != before.plan else None,
        findings=tuple(one.outcome.finding for one in called if one.outcome.finding is not None),
        effort=_effort(reply),
    )


def _faulty(seat: Seat, desk: Desk, fault: ModelFault, steered: int) -> Turn:
    effort = Effort(
        model_calls=fault.attempts,
        tokens_input=fault.usage.input,
        tokens_output=fault.usage.output,
        cost_usd=fault.cost_usd,
    )
    return Turn(
        role=seat.role,
        model=seat.model.profile.name,
        tree=desk.tree,
        effort=effort,
        fault=fault.kind,
        reason=f"{seat.model.profile.name}: {fault.message}",
        steered=steered,
    )


def _effort(reply: Reply) -> Effort:
    return Effort(
        model_calls=reply.attempts,
        tokens_input=reply.usage.input,
        tokens_output=reply.usage.output,
        cost_usd=reply.cost_usd,
        seconds=reply.seconds,
    )
