"""The probe of a profile: what it promises is tried out, and what to change is found by trying."""

import pytest

from agent.models.probe import probe
from agent.models.server.script import Answer, Asked, Call, Fault, Reply, Script
from agent.models.server.scripted_server import ScriptedServer
from agent.protocol.model import Api, ModelProfile
from agent.sight import Verdict


def _profile(server: ScriptedServer, **more: object) -> ModelProfile:
    return ModelProfile(name="m", base_url=server.base_url, model="scripted").model_copy(update=more)


def _seen(server: ScriptedServer, **more: object) -> dict[str, tuple[Verdict, str]]:
    return {one.aspect: (one.verdict, one.remedy) for one in probe(_profile(server, **more))}


def _good(asked: Asked) -> Reply:
    return Call("ping", {"number": 7}) if "tools" in asked.body else "ok"


def _refusing(word: str) -> Script:
    """Refuse every request whose body holds a word, as an endpoint does that lacks something."""

    def script(asked: Asked) -> Reply:
        return Answer(fault=Fault.BAD_REQUEST) if word in str(asked.body) else _good(asked)

    return script


@pytest.mark.parametrize("api", list(Api))
def test_a_good_endpoint_keeps_every_promise(api: Api) -> None:
    with ScriptedServer(_good) as server:
        seen = _seen(server, api=api)
    assert list(seen) == ["reachable", "model", "answers", "usage", "tools"]
    assert {verdict for verdict, _ in seen.values()} == {Verdict.KEPT}


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("stream_options", "set stream_usage = false"),
        ("max_tokens", 'set output_field = "max_completion_tokens"'),
        ("temperature", "take `temperature` out"),
        ("'system'", "set system = false"),
        ("'stream'", "set stream = false"),
    ],
)
def test_the_setting_that_helps_is_found(word: str, remedy: str) -> None:
    with ScriptedServer(_refusing(word)) as server:
        assert _seen(server, temperature=0.5)["answers"] == (Verdict.BROKEN, remedy)


def test_an_endpoint_that_refuses_tools_needs_the_text_protocol() -> None:
    with ScriptedServer(_refusing("'tools'")) as server:
        verdict, remedy = _seen(server)["tools"]
        assert (verdict, "tools = false" in remedy) == (Verdict.BROKEN, True)
        assert _seen(server, tools=False)["tools"][0] is Verdict.KEPT


def test_a_model_that_calls_no_tool_is_doubted() -> None:
    with ScriptedServer(lambda _: "I would rather talk.") as server:
        assert _seen(server)["tools"][0] is Verdict.DOUBTFUL


def test_a_model_that_is_not_listed_is_doubted_and_others_are_named() -> None:
    with ScriptedServer(_good, models=("other",)) as server:
        verdict, remedy = _seen(server)["model"]
    assert (verdict, "other" in remedy) == (Verdict.DOUBTFUL, True)


def test_nobody_at_the_address_ends_the_probe() -> None:
    with ScriptedServer(_good) as server:
        profile = _profile(server)
    (only,) = probe(profile)
    assert (only.aspect, only.verdict, bool(only.remedy)) == ("reachable", Verdict.BROKEN, True)


def test_a_missing_key_ends_the_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RATCHET_TEST_KEY", raising=False)
    with ScriptedServer(_good) as server:
        seen = _seen(server, key="env:RATCHET_TEST_KEY")
        assert list(seen) == ["key"]
        assert not server.requests
