"""A model as its callers get it: fallbacks, keys, budgets and retries together."""

import logging
import random
import threading
import time
from pathlib import Path

import pytest

from agent.models.budget import Account, Bound, Budget
from agent.models.build import build
from agent.models.faults import FaultKind, ModelFault
from agent.models.model import Finish, Listening, Message, Request, Speaker, ToolCall, ToolSpec
from agent.models.patient_model import Pace
from agent.models.server.script import Answer, Asked, Call, Fault, Reply
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.errors import Interrupted
from agent.protocol.model import Api, ModelProfile, Prices
from agent.protocol.outcome import Outcome

QUICK = Pace(first=0.01)
READ = ToolSpec("read", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
SAID = Request((Message(Speaker.SYSTEM, "Be brief."), Message(Speaker.USER, "hi")), (READ,))


def _profile(server: ScriptedServer, **more: object) -> ModelProfile:
    return ModelProfile(name="m", base_url=server.base_url, model="scripted").model_copy(update=more)


def _ask(profile: ModelProfile, request: Request = SAID, budget: Budget | None = None) -> "object":
    return build(profile, budget, pace=QUICK, chance=random.Random(1)).complete(request, Listening())


def test_a_fault_that_passes_is_overcome_and_counted() -> None:
    voids: list[str] = []
    script = [Answer(fault=Fault.RATE), Answer("Hello.", fault=Fault.RESET_MIDWAY), "Hello again."]
    with ScriptedServer(script) as server:
        model = build(_profile(server), pace=QUICK)
        reply = model.complete(SAID, Listening(on_retry=voids.append))
    assert (reply.text, reply.attempts, len(voids)) == ("Hello again.", 3, 2)
    # The attempt that broke off midway was worked on; the refused one was not.
    assert reply.usage.estimated
    assert "429" in voids[0]


@pytest.mark.parametrize(
    "fault", [Fault.UNAUTHORIZED, Fault.QUOTA, Fault.OVERFLOW, Fault.POLICY, Fault.REFUSAL]
)
def test_what_does_not_pass_is_not_asked_twice(fault: Fault) -> None:
    with ScriptedServer(lambda _: Answer("no", fault=fault)) as server:
        with pytest.raises(ModelFault) as raised:
            _ask(_profile(server))
        assert raised.value.attempts == len(server.requests) == 1


def test_a_wait_that_is_too_long_ends_the_request_and_is_told() -> None:
    with ScriptedServer(lambda _: Answer(fault=Fault.RATE_LONG)) as server:
        with pytest.raises(ModelFault) as raised:
            _ask(_profile(server))
        assert (raised.value.kind, raised.value.retry_after) == (FaultKind.RATE, 86_400)
        assert len(server.requests) == 1


def test_a_cancel_ends_the_wait_between_attempts() -> None:
    cancel = threading.Event()
    with ScriptedServer(lambda _: Answer(fault=Fault.RATE_SILENT)) as server:
        model = build(_profile(server), pace=Pace(first=1000.0, longest=1000.0), chance=random.Random(1))
        with pytest.raises(Interrupted):
            model.complete(SAID, Listening(cancel=cancel, on_retry=lambda _: cancel.set()))
        assert len(server.requests) == 1


def test_the_deadline_of_the_listener_bounds_all_attempts() -> None:
    with ScriptedServer(lambda _: Answer(fault=Fault.SILENT)) as server:
        model = build(_profile(server), pace=QUICK)
        with pytest.raises(ModelFault) as raised:
            model.complete(SAID, Listening(deadline=time.monotonic() + 0.3))
    assert raised.value.kind is FaultKind.TIMEOUT
    assert raised.value.attempts == 1


@pytest.mark.parametrize("api", list(Api))
def test_a_model_without_tools_calls_them_in_text(api: Api) -> None:
    wording = (
        'I look.\n<use_tool name="read">\n{"path": "a.py"}\n</use_tool>\n<tool_result name="read">\nmade up'
    )
    with ScriptedServer([wording, "It is empty."]) as server:
        profile = _profile(server, api=api, tools=False)
        model = build(profile, pace=QUICK)
        first = model.complete(SAID, Listening())
        assert (first.text, first.finish) == ("I look.", Finish.TOOLS)
        assert first.calls == (ToolCall("call_1", "read", '{"path": "a.py"}'),)
        told = (
            *SAID.messages,
            Message(Speaker.MODEL, first.text, first.calls),
            Message(Speaker.TOOL, "(nothing)", call_id="call_1"),
        )
        second = model.complete(Request(told, (READ,)), Listening())
        one, two = server.requests
    assert second.text == "It is empty."
    assert "tools" not in one.body and '<use_tool name="NAME">' in str(one.messages[0])
    assert '<tool_result name="read">\n(nothing)\n</tool_result>' in two.last
    assert [m["role"] for m in two.messages] == ["system", "user", "assistant", "user"]


def test_without_a_system_role_its_text_opens_the_first_message_of_the_user() -> None:
    with ScriptedServer(["ok"]) as server:
        _ask(_profile(server, system=False, tools=False))
        (message,) = server.requests[0].messages
    assert message["role"] == "user"
    assert message["content"].startswith("Be brief.") and message["content"].endswith("hi")


def test_a_prompt_that_cannot_fit_is_not_sent() -> None:
    long = Request((Message(Speaker.USER, "word " * 5000),))
    with ScriptedServer(["never"]) as server:
        with pytest.raises(ModelFault) as raised:
            _ask(_profile(server, context=4096), long)
        assert raised.value.kind is FaultKind.OVERFLOW
        assert not server.requests


def test_the_bound_on_the_answer_is_what_the_context_leaves() -> None:
    with ScriptedServer(["ok"]) as server:
        _ask(
            _profile(server, context=2048, max_output=1900), Request((Message(Speaker.USER, "word " * 400),))
        )
        asked = server.requests[0].body["max_tokens"]
    assert 256 <= asked < 1900


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("env:RATCHET_TEST_KEY", "", "empty"),
        ("env:RATCHET_TEST_KEY", "sk-ä", "characters"),
        ("sk-raw", "", "not"),
    ],
)
def test_a_key_that_is_not_there_is_named_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str, said: str
) -> None:
    monkeypatch.setenv("RATCHET_TEST_KEY", value)
    with ScriptedServer(["never"]) as server:
        with pytest.raises(ModelFault, match=said) as raised:
            _ask(_profile(server, key=key))
        assert raised.value.kind is FaultKind.AUTH
        assert "sk-" not in raised.value.message + raised.value.hint
        assert not server.requests


def test_a_key_shows_up_at_the_endpoint_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    canary = "sk-canary-7f3a"
    monkeypatch.setenv("RATCHET_TEST_KEY", canary)
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []

    def echo(asked: Asked) -> Reply:
        assert asked.headers["authorization"] == f"Bearer {canary}"
        return Answer(fault=faults.pop())

    faults = list(Fault)
    with ScriptedServer(echo) as server:
        profile = _profile(
            server, key="env:RATCHET_TEST_KEY", total_seconds=0.4, first_byte_seconds=0.1, idle_seconds=0.1
        )
        model = build(profile, pace=Pace(attempts=1))
        while faults:
            try:
                shown.append(repr(model.complete(SAID, Listening())))
            except ModelFault as fault:
                shown.append(f"{fault!r} {fault.message} {fault.hint} {fault.__dict__} {fault.__cause__!r}")
    assert canary not in "".join(shown) + caplog.text + repr(model) + repr(profile)


def test_a_key_that_the_endpoint_repeats_is_cut_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # The scripted refusal says "Incorrect API key provided."
    monkeypatch.setenv("RATCHET_TEST_KEY", "Incorrect")
    with ScriptedServer([Answer(fault=Fault.UNAUTHORIZED)]) as server, pytest.raises(ModelFault) as raised:
        _ask(_profile(server, key="env:RATCHET_TEST_KEY"))
    assert "[key] API key provided" in raised.value.message
    assert "Incorrect" not in str(raised.value)


def test_cost_and_tokens_are_held_before_and_settled_after(tmp_path: Path) -> None:
    prices = Prices(input=1.0, output=10.0)
    account = Account("task:1", Bound(cost_usd=1.0))
    budget = Budget(tmp_path, [account])
    during: list[float] = []

    def script(_: Asked) -> Reply:
        during.append(budget.spent()["task:1"].cost_usd)
        return Answer("word " * 64, usage=(30, 100))

    with ScriptedServer(script) as server:
        reply = build(_profile(server, prices=prices), budget, pace=QUICK).complete(
            Request((Message(Speaker.USER, "word " * 20),)), Listening()
        )
    after = budget.spent()["task:1"]
    budget.close()
    assert reply.cost_usd == pytest.approx((30 * 1.0 + 100 * 10.0) / 1e6)
    assert during[0] >= 4096 * 10.0 / 1e6
    assert reply.cost_usd <= after.cost_usd < during[0]


def test_a_call_that_could_exceed_a_limit_is_not_made(tmp_path: Path) -> None:
    budget = Budget(tmp_path, [Account("task:1"), Account("day", Bound(calls=1), daily=True)])
    with ScriptedServer(["one", "two"]) as server:
        model = build(_profile(server), budget, pace=QUICK)
        model.complete(SAID, Listening())
        with pytest.raises(ModelFault, match="of this day") as raised:
            model.complete(SAID, Listening())
        assert (raised.value.kind, raised.value.outcome) == (FaultKind.BUDGET, Outcome.BUDGET)
        assert len(server.requests) == 1
    spent = budget.spent()
    budget.close()
    assert spent["task:1"].calls == spent["day"].calls == 1


def test_calls_of_a_scripted_model_reach_the_caller_in_order() -> None:
    with ScriptedServer([Answer(calls=(Call("read", {"path": "a"}), Call("read", {"path": "b"})))]) as server:
        reply = build(_profile(server), pace=QUICK).complete(SAID, Listening())
    assert [call.arguments for call in reply.calls] == ['{"path": "a"}', '{"path": "b"}']
