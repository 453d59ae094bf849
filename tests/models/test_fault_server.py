"""Against everything that a server can do wrong: an answer or a typed fault, soon, after few attempts."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.models.build import build
from agent.models.faults import RETRIED, FaultKind, ModelFault
from agent.models.model import Listening, Message, Request, Speaker, ToolCall
from agent.models.patient_model import Pace
from agent.models.server.answering import stream
from agent.models.server.script import Answer, Asked, Call, Fault
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.model import Api, ModelProfile
from tests.models.fault_runs import ANSWERED, EXPECTED, LIMIT, Run, run

SEEDS = 40
SLACK = 10.0
"""Seconds for a machine that does other things at the time; a hang would last for ever."""


def _hold(one: Run) -> None:
    kinds = EXPECTED.get(one.fault, set())
    assert one.attempts <= 5, one
    assert one.sent <= 5, one
    if kinds == {FaultKind.TIMEOUT}:
        assert one.seconds < LIMIT + SLACK, one
    if one.ending != ANSWERED:
        assert one.ending in kinds, one
        # Fewer strikes than attempts are overcome, where asking again is any use.
        assert (
            one.strikes >= 3
            or not kinds <= RETRIED
            or one.fault is Fault.RATE_LONG
            or kinds == {FaultKind.TIMEOUT}
        ), one
    else:
        assert not kinds or (kinds <= RETRIED and one.strikes < 5), one


def test_there_are_more_than_enough_kinds_of_faults() -> None:
    assert len(Fault) >= 25


@pytest.mark.parametrize("fault", list(Fault))
def test_a_fault_ends_in_an_answer_or_a_typed_fault(fault: Fault) -> None:
    _hold(run(fault, 0))


@pytest.mark.long
def test_every_fault_ends_so_for_every_seed() -> None:
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda case: run(*case), [(f, seed) for f in Fault for seed in range(SEEDS)]))
    for one in runs:
        _hold(one)
    assert len(runs) == len(Fault) * SEEDS


@pytest.mark.parametrize("stride", [11, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize("api", list(Api))
def test_a_stream_cut_at_any_byte_never_yields_half_a_call(api: Api, stride: int) -> None:
    answer = Answer("Hi.", (Call("run", {"n": 12345}), Call("run", {"n": 6})))
    path = "/v1/chat/completions" if api is Api.CHAT else "/v1/responses"
    whole = (ToolCall("call_0", "run", '{"n": 12345}'), ToolCall("call_1", "run", '{"n": 6}'))
    cuts: list[int] = []

    def script(asked: Asked) -> Answer:
        if not cuts:
            body = {**asked.body, "stream": True}
            length = len(b"".join(stream(answer, Asked(path, {}, body))))
            # The last bytes are those that decide.
            cuts.extend(sorted({*range(0, length, stride), *range(max(0, length - 40), length + 1)}))
        return Answer(answer.text, answer.calls, cut=cuts.pop())

    answered = broken = 0
    with ScriptedServer(script) as server:
        profile = ModelProfile(name="m", base_url=server.base_url, model="scripted", api=api)
        model = build(profile, pace=Pace(attempts=1))
        while cuts or not server.requests:
            try:
                reply = model.complete(Request((Message(Speaker.USER, "hi"),)), Listening())
            except ModelFault as fault:
                assert fault.kind is FaultKind.DROPPED
                broken += 1
            else:
                assert (reply.text, reply.calls) == ("Hi.", whole)
                answered += 1
            # The list of what was asked would grow with every cut.
            del server.requests[1:]
    print(f"{api}: {answered + broken} cuts, {answered} after the finish, {broken} dropped, 0 half calls")
    assert answered + broken > 500 // stride
    assert 0 < answered < broken
