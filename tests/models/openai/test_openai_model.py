"""One attempt at one request: what is sent, and what comes back when all is well."""

import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from agent.models.faults import FaultKind, ModelFault
from agent.models.model import Finish, Listening, Message, Request, Speaker, ToolCall, ToolSpec
from agent.models.openai.openai_model import OpenAIModel
from agent.models.server.script import Answer, Asked, Call, Fault
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.errors import Interrupted
from agent.protocol.model import Api, ModelProfile, OutputField

READ = ToolSpec("read", "Read a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
EVERY = [(api, stream) for api in Api for stream in (True, False)]


def _model(server: ScriptedServer, **more: object) -> OpenAIModel:
    profile = ModelProfile(name="m", base_url=server.base_url, model="scripted").model_copy(update=more)
    return OpenAIModel(profile, lambda _: "sk-canary")


def _user(text: str) -> Request:
    return Request((Message(Speaker.USER, text),), tools=(READ,))


@pytest.mark.parametrize(("api", "stream"), EVERY)
def test_text_and_calls_come_back_as_they_were_said(api: Api, stream: bool) -> None:
    heard: list[str] = []
    with ScriptedServer([Answer("I look.", (Call("read", {"path": "ä.py"}),))]) as server:
        reply = _model(server, api=api, stream=stream).complete(_user("hi"), Listening(heard.append))
    assert (reply.text, "".join(heard)) == ("I look.", "I look.")
    assert reply.calls == (ToolCall("call_0", "read", '{"path": "\\u00e4.py"}'),)
    assert reply.finish is Finish.TOOLS
    assert reply.usage.output > 0


@pytest.mark.parametrize(("api", "stream"), EVERY)
def test_a_conversation_is_sent_with_its_calls_and_their_results(api: Api, stream: bool) -> None:
    said = (
        Message(Speaker.SYSTEM, "Be brief."),
        Message(Speaker.USER, "What is in a.py?"),
        Message(Speaker.MODEL, "I look.", (ToolCall("c1", "read", '{"path": "a.py"}'),)),
        Message(Speaker.TOOL, "x = 1", call_id="c1"),
    )
    with ScriptedServer(["It sets x."]) as server:
        _model(server, api=api, stream=stream).complete(Request(said, (READ,)), Listening())
        asked = server.requests[0]
    assert asked.headers["authorization"] == "Bearer sk-canary"
    assert asked.last == "x = 1"
    assert "c1" in str(asked.messages[-1]) and "c1" in str(asked.messages[-2])
    assert asked.body["tools"][0]["type"] == "function"
    assert asked.stream is stream


def test_the_bound_on_an_answer_has_the_name_that_the_endpoint_wants() -> None:
    with ScriptedServer(["a", "b"]) as server:
        _model(server).complete(_user("hi"), Listening())
        _model(server, output_field=OutputField.MAX_COMPLETION_TOKENS).complete(_user("hi"), Listening())
        first, second = server.requests
    assert first.body["max_tokens"] == second.body["max_completion_tokens"] == 4096
    assert "max_tokens" not in second.body


def test_what_is_cut_by_the_bound_keeps_complete_calls_only() -> None:
    calls = (Call("read", {"path": "a.py"}), Call("read", '{"path": "b.p'))
    with ScriptedServer([Answer("So", calls, finish="length")]) as server:
        reply = _model(server).complete(_user("hi"), Listening())
    assert reply.finish is Finish.LENGTH
    assert [call.arguments for call in reply.calls] == ['{"path": "a.py"}']


def test_ids_are_new_in_the_whole_conversation() -> None:
    earlier = Message(Speaker.MODEL, "", (ToolCall("call_0", "read", "{}"),))
    result = Message(Speaker.TOOL, "nothing", call_id="call_0")
    with ScriptedServer(
        [Call("read"), Answer(calls=(Call("read"), Call("read")), fault=Fault.DUPLICATE_IDS)]
    ) as s:
        one = _model(s).complete(Request((earlier, result)), Listening())
        two = _model(s).complete(Request((earlier, result)), Listening())
    assert [call.id for call in (*one.calls, *two.calls)] == ["call_0_2", "call_0_2", "call_0_3"]


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.SILENT_BODY, Fault.STALL, Fault.DRIP])
def test_a_cancel_does_not_wait_for_the_endpoint(fault: Fault) -> None:
    cancel = threading.Event()
    with ScriptedServer(lambda _: Answer("Hello there.", fault=fault)) as server:
        model = _model(server)
        timer = threading.Timer(0.3, cancel.set)
        timer.start()
        started = time.monotonic()
        with pytest.raises(Interrupted):
            model.complete(_user("hi"), Listening(cancel=cancel))
        # 0.3 s until the cancel, a tick of 0.05 s; the rest is for a busy machine.
        assert time.monotonic() - started < 3.0
        timer.join()


def test_environment_variables_meant_for_another_endpoint_are_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-other")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: other\nX-More: other")
    with ScriptedServer(["a"]) as server:
        profile = ModelProfile(name="m", base_url=server.base_url, model="scripted")
        OpenAIModel(profile, lambda _: "").complete(_user("hi"), Listening())
        asked: Asked = server.requests[0]
    assert "authorization" not in asked.headers
    assert "other" not in str(asked.headers)


def test_no_proxy_stands_before_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with ScriptedServer(["a"]) as server:
        assert _model(server).complete(_user("hi"), Listening()).text == "a"


def test_text_that_is_not_unicode_is_sent_as_far_as_it_is() -> None:
    with ScriptedServer(["a"]) as server:
        _model(server).complete(_user("ä\udcff\x00"), Listening())
        assert server.requests[0].last == "ä?\x00"


def test_a_redirect_is_not_followed() -> None:
    with (
        ScriptedServer([Answer(fault=Fault.REDIRECT)]) as server,
        pytest.raises(ModelFault, match="redirects") as raised,
    ):
        _model(server).complete(_user("hi"), Listening())
    assert raised.value.kind is FaultKind.BAD_REQUEST


def test_an_encrypted_connection_is_checked_and_can_be_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    files = ["-keyout", str(private), "-out", str(certificate)]
    subprocess.run([*make, *files], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, private)
    cancel = threading.Event()
    with ScriptedServer(["ok", Answer("Hello there.", fault=Fault.STALL)], tls=tls) as server:
        with pytest.raises(ModelFault, match="not who it says") as raised:
            _model(server).complete(_user("hi"), Listening())
        assert raised.value.kind is FaultKind.UNREACHABLE
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert _model(server).complete(_user("hi"), Listening()).text == "ok"
        with pytest.raises(Interrupted):
            _model(server).complete(_user("hi"), Listening(lambda _: cancel.set(), cancel))


@pytest.mark.parametrize(("api", "stream"), EVERY)
def test_the_beginning_of_an_answer_is_heard_once_and_first(api: Api, stream: bool) -> None:
    heard: list[str] = []
    listening = Listening(heard.append, on_answer=lambda: heard.append("begins"))
    with ScriptedServer(["a text of several pieces"]) as server:
        _model(server, api=api, stream=stream).complete(_user("hi"), listening)
    assert heard[0] == "begins"
    assert "".join(heard[1:]) == "a text of several pieces"
