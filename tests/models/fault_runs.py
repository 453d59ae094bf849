"""Runs of a model against a server with a fault, each made by a seed; for the tests and the benchmark."""

import json
import random
import time
from dataclasses import dataclass, replace

from agent.models.build import build
from agent.models.faults import FaultKind, ModelFault
from agent.models.model import Listening, Message, Reply, Request, Speaker, ToolSpec
from agent.models.patient_model import Pace
from agent.models.server.script import Answer, Asked, Call, Fault
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.model import Api, ModelProfile

ANSWERED = "answered"
LIMIT = 0.8
"""Seconds that a request may take, with all its attempts, where the fault is that nothing comes."""
_K = FaultKind
EXPECTED: dict[Fault, set[FaultKind]] = {
    Fault.RATE: {_K.RATE},
    Fault.RATE_DATE: {_K.RATE},
    Fault.RATE_SILENT: {_K.RATE},
    Fault.RATE_LONG: {_K.RATE},
    Fault.QUOTA: {_K.QUOTA},
    Fault.ERROR_500: {_K.OVERLOAD},
    Fault.ERROR_502: {_K.OVERLOAD},
    Fault.ERROR_503: {_K.OVERLOAD},
    Fault.ERROR_529: {_K.OVERLOAD},
    Fault.UNAUTHORIZED: {_K.AUTH},
    Fault.FORBIDDEN: {_K.AUTH},
    Fault.UNKNOWN_MODEL: {_K.NOT_FOUND},
    Fault.BAD_REQUEST: {_K.BAD_REQUEST},
    Fault.OVERFLOW: {_K.OVERFLOW},
    Fault.POLICY: {_K.REFUSED},
    Fault.REFUSAL: {_K.REFUSED},
    Fault.FILTERED: {_K.REFUSED},
    Fault.RESET: {_K.DROPPED},
    Fault.HANG_UP: {_K.DROPPED},
    Fault.RESET_MIDWAY: {_K.DROPPED},
    # Half a JSON document that ends cleanly is no document; half a stream is one that stopped.
    Fault.CLOSE_MIDWAY: {_K.DROPPED, _K.MALFORMED},
    Fault.HALF_LINE: {_K.DROPPED, _K.MALFORMED},
    Fault.DRIP: {_K.TIMEOUT},
    Fault.SILENT: {_K.TIMEOUT},
    Fault.SILENT_BODY: {_K.TIMEOUT},
    Fault.STALL: {_K.TIMEOUT},
    Fault.INVALID_UTF8: {_K.MALFORMED},
    Fault.TRUNCATED_JSON: {_K.MALFORMED},
    Fault.TRUNCATED_ARGUMENTS: {_K.MALFORMED},
    Fault.EMPTY: {_K.MALFORMED},
    Fault.HUGE: {_K.MALFORMED},
    Fault.HTML: {_K.MALFORMED},
    Fault.REDIRECT: {_K.BAD_REQUEST},
    Fault.GARBAGE: {_K.DROPPED},
    Fault.SHORT_BODY: {_K.DROPPED},
    Fault.COMPRESSED: {_K.MALFORMED},
    Fault.NO_FINISH: {_K.DROPPED},
    Fault.NO_CHOICES: {_K.DROPPED, _K.MALFORMED},
    Fault.ERROR_MIDWAY: {_K.OVERLOAD, _K.MALFORMED},
    Fault.NOT_AN_OBJECT: {_K.MALFORMED},
    Fault.WRONG_TYPES: {_K.DROPPED, _K.MALFORMED},
    Fault.DEEP: {_K.MALFORMED},
}
"""Kinds that a fault may end in; of all others a caller never hears, or they are the tools' to refuse."""
_AMPLE = 60.0
"""Seconds where the limit is not what is tried out; the machine may be busy."""
_TOOLS = (ToolSpec("read", "Read a file.", {"type": "object"}),)


@dataclass(frozen=True, slots=True)
class Run:
    """How one run ended; `ending` is ANSWERED or the kind of the fault."""

    fault: Fault
    seed: int
    strikes: int
    """Requests that the fault struck, had there been so many."""
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

    ample = 0.0 if EXPECTED.get(fault) == {FaultKind.TIMEOUT} else _AMPLE
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
        return _ask(profile, Run(fault, seed, strikes, "", 0, 0, 0.0), chance, server)


def _ask(profile: ModelProfile, plan: Run, chance: random.Random, server: ScriptedServer) -> Run:
    request = Request((Message(Speaker.SYSTEM, "Be brief."), Message(Speaker.USER, "hi")), _TOOLS)
    model = build(profile, pace=Pace(first=0.01), chance=chance)
    started = time.monotonic()
    try:
        reply = model.complete(request, Listening())
        ending, attempts = ANSWERED, reply.attempts
        _check(reply, plan.fault)
    except ModelFault as error:
        ending, attempts = error.kind.value, error.attempts
    seconds = time.monotonic() - started
    return replace(plan, ending=ending, attempts=attempts, sent=len(server.requests), seconds=seconds)


def _check(reply: Reply, fault: Fault) -> None:
    """Every call that comes back is whole, and has an id of its own."""
    ids = [call.id for call in reply.calls]
    assert all(ids) and len(set(ids)) == len(ids)
    for call in reply.calls:
        arguments = json.loads(call.arguments)
        assert isinstance(arguments, dict) or fault is Fault.WRONG_ARGUMENTS
