"""What a profile promises, tried out at its endpoint with a few small requests."""

import time
from collections.abc import Iterator, Mapping

from agent.models.faults import FaultKind, ModelFault
from agent.models.keys import find_key
from agent.models.model import Finish, Listening, Message, Reply, Request, Speaker, ToolSpec
from agent.models.openai.catalog import catalog
from agent.models.openai.openai_model import OpenAIModel
from agent.models.text_tools import without_system
from agent.protocol.model import Api, ModelProfile, OutputField
from agent.sight import Sight, Verdict

_SECONDS = 60.0
_ANSWER = 512
"""Tokens; some models think before they say a word."""
_CURABLE = (
    FaultKind.BAD_REQUEST,
    FaultKind.MALFORMED,
    FaultKind.NOT_FOUND,
    FaultKind.OVERLOAD,
    FaultKind.DROPPED,
)
"""Faults that another setting of the profile may avoid."""
_ELSE = "try again; if it stays so, the endpoint's own log may say more"
_PING = ToolSpec(
    "ping",
    "Answer a ping.",
    {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]},
)
_SAY = (Message(Speaker.SYSTEM, "You test a connection."), Message(Speaker.USER, "Say ok."))
_CALL = (_SAY[0], Message(Speaker.USER, "Call the tool `ping` with the number 7."))


def probe(profile: ModelProfile) -> Iterator[Sight]:
    """Try key, address, name, answers, tools and the meter, in this order, up to the first that is fatal."""
    try:
        key = find_key(profile)
    except ModelFault as fault:
        yield _broken("key", fault)
        return
    if profile.key:
        yield Sight("key", Verdict.KEPT, f"found at {profile.key}")
    listed = _listed(profile, key)
    yield from listed
    if any(one.verdict is Verdict.BROKEN for one in listed):
        return
    yield from _answers(profile)


def _listed(profile: ModelProfile, key: str) -> tuple[Sight, ...]:
    try:
        models = catalog(profile, key, min(_SECONDS, profile.total_seconds))
    except ModelFault as fault:
        if fault.kind in (FaultKind.UNREACHABLE, FaultKind.AUTH, FaultKind.TIMEOUT):
            return (_broken("reachable", fault),)
        detail = f"It does not list its models: {fault.message}"
        return (Sight("reachable", Verdict.DOUBTFUL, detail, "none needed if it answers"),)
    reachable = Sight("reachable", Verdict.KEPT, f"{profile.base_url} lists {len(models)} models")
    if profile.model not in models:
        few = ", ".join(list(models)[:5]) or "none"
        remedy = f"`model` may be one of: {few}"
        return reachable, Sight("model", Verdict.DOUBTFUL, f"{profile.model} is not listed", remedy)
    return reachable, _context(profile, models[profile.model])


def _context(profile: ModelProfile, told: int | None) -> Sight:
    if told is None:
        return Sight("model", Verdict.KEPT, f"{profile.model} is known; its context is not told")
    if told < profile.context:
        detail = f"{profile.model} has a context of {told} tokens, not {profile.context}"
        return Sight("model", Verdict.BROKEN, detail, f"set context = {told}")
    return Sight("model", Verdict.KEPT, f"{profile.model} has a context of {told} tokens")


def _answers(profile: ModelProfile) -> Iterator[Sight]:
    try:
        reply, seconds = _ask(profile, Request(_SAY))
    except ModelFault as fault:
        remedy = _way_out(profile, Request(_SAY)) if fault.kind in _CURABLE else ""
        yield Sight("answers", Verdict.BROKEN, fault.message, remedy or fault.hint or _ELSE)
        return
    how = "streamed" if profile.stream else "in one piece"
    yield Sight("answers", Verdict.KEPT, f"{how}, after {seconds:.1f} s")
    yield _meter(reply)
    yield _tools(profile)


def _meter(reply: Reply) -> Sight:
    if reply.usage.input > 0 and reply.usage.output > 0:
        return Sight("usage", Verdict.KEPT, f"{reply.usage.input} and {reply.usage.output} tokens stated")
    return Sight("usage", Verdict.DOUBTFUL, "tokens are not stated", "none needed: they are estimated")


def _tools(profile: ModelProfile) -> Sight:
    if not profile.tools:
        return Sight("tools", Verdict.KEPT, "called in plain text, as the profile says")
    remedy = "set tools = false: they are then called in plain text"
    try:
        reply, _ = _ask(profile, Request(_CALL, (_PING,)))
    except ModelFault as fault:
        return Sight("tools", Verdict.BROKEN, fault.message, remedy)
    if any(call.name == _PING.name for call in reply.calls):
        return Sight("tools", Verdict.KEPT, "called when asked to")
    if reply.finish is Finish.LENGTH:
        return Sight("tools", Verdict.DOUBTFUL, "not called within the bound on the answer", "see max_output")
    return Sight("tools", Verdict.DOUBTFUL, "not called when asked to", remedy)


def _way_out(profile: ModelProfile, request: Request) -> str:
    """Return the setting with which the endpoint does answer, if there is one."""
    for change, remedy in _changes(profile):
        try:
            _ask(profile.model_copy(update=change), request)
        except ModelFault:
            continue
        return remedy
    return ""


def _changes(profile: ModelProfile) -> Iterator[tuple[Mapping[str, object], str]]:
    if profile.stream and profile.stream_usage and profile.api is Api.CHAT:
        yield {"stream_usage": False}, "set stream_usage = false"
    if profile.output_field is OutputField.MAX_TOKENS and profile.api is Api.CHAT:
        yield (
            {"output_field": OutputField.MAX_COMPLETION_TOKENS},
            'set output_field = "max_completion_tokens"',
        )
    if profile.temperature is not None:
        yield {"temperature": None}, "take `temperature` out"
    if profile.system:
        yield {"system": False}, "set system = false"
    if profile.stream:
        yield {"stream": False}, "set stream = false"
    if profile.api is Api.RESPONSES:
        yield {"api": Api.CHAT}, 'set api = "chat"'


def _ask(profile: ModelProfile, request: Request) -> tuple[Reply, float]:
    started = time.monotonic()
    bounded = profile.model_copy(update={"max_output": min(profile.max_output, _ANSWER)})
    limit = started + min(_SECONDS, profile.total_seconds)
    worded = request if profile.system else without_system(request)
    reply = OpenAIModel(bounded, find_key).complete(worded, Listening(deadline=limit))
    return reply, time.monotonic() - started


def _broken(aspect: str, fault: ModelFault) -> Sight:
    return Sight(aspect, Verdict.BROKEN, fault.message, fault.hint or _ELSE)
