"""Runs of a model against a server with a fault, each made by a seed; for the tests and the benchmark."""

import json
import random
import time
from dataclasses import dataclass

from agent.models.build import build
from agent.models.faults import ModelFault
from agent.models.model import Listening, Message, Reply, Request, Speaker, ToolSpec
from agent.models.patient_model import Pace
from agent.models.server.script import Answer, Asked, Call, Fault
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.model import Api, ModelProfile

LIMIT = 0.8
"""Seconds that one request may take, with all its attempts."""
HARMLESS = {
    Fault.USAGE_MISSING,
    Fault.USAGE_NEGATIVE,
    Fault.USAGE_LOW,
    Fault.USAGE_HUGE,
    Fault.NO_DONE,
    Fault.PLAIN_JSON,
    Fault.WRONG_CONTENT_TYPE,
    Fault.UNKNOWN_TOOL,
    Fault.WRONG_ARGUMENTS,
    Fault.DUPLICATE_IDS,
    Fault.MISSING_IDS,
}
"""Faults that a caller never hears of, or that are for the tools to refuse."""
_AMPLE = 60.0
_TOOLS = (ToolSpec("read", "Read a file.", {"type": "object"}),)


@dataclass(frozen=True, slots=True)
class Run:
    """How one run ended; `ending` is `answered` or the kind of the fault."""

    fault: Fault
    seed: int
    ending: str
    attempts: int
    sent: int
    seconds: float


def run(fault: Fault, seed: int) -> Run:
    """Ask once; the seed chooses API, streaming, fallbacks, the answer, and how often the fault strikes."""
    chance = random.Random(f"{fault}-{seed}")
    strikes = chance.choice((1, 2, 4, 99))
    text = "".join(chance.choice("abc ä\n€") for _ in range(chance.randint(1, 80))) + "."
    calls = tuple(Call("read", {"path": "x" * chance.randint(0, 40)}) for _ in range(chance.randint(0, 2)))

    def script(_: Asked) -> Answer:
        return Answer(text, calls, fault=fault if len(server.requests) <= strikes else None)

    ample = _AMPLE if fault in HARMLESS else 0.0
    with ScriptedServer(script) as server:
        profile = ModelProfile(
            name="m",
            base_url=server.base_url,
            model="scripted",
            api=chance.choice(list(Api)),
            stream=chance.random() < 0.7,
            tools=chance.random() < 0.7,
            system=chance.random() < 0.7,
            first_byte_seconds=ample or 0.3,
            idle_seconds=ample or 0.3,
            total_seconds=ample or LIMIT,
        )
        return _ask(profile, fault, seed, chance, server)


def _ask(
    profile: ModelProfile, fault: Fault, seed: int, chance: random.Random, server: ScriptedServer
) -> Run:
    request = Request((Message(Speaker.SYSTEM, "Be brief."), Message(Speaker.USER, "hi")), _TOOLS)
    model = build(profile, pace=Pace(first=0.01), chance=chance)
    started = time.monotonic()
    try:
        reply = model.complete(request, Listening())
        ending, attempts = "answered", reply.attempts
        _check(reply, fault)
    except ModelFault as error:
        ending, attempts = error.kind.value, error.attempts
    return Run(fault, seed, ending, attempts, len(server.requests), time.monotonic() - started)


def _check(reply: Reply, fault: Fault) -> None:
    """Every call that comes back is whole, and has an id of its own."""
    ids = [call.id for call in reply.calls]
    assert all(ids) and len(set(ids)) == len(ids)
    for call in reply.calls:
        arguments = json.loads(call.arguments)
        assert isinstance(arguments, dict) or fault is Fault.WRONG_ARGUMENTS
