"""`ratchet doctor --models`, as a user sees it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import main
from agent.models.server.script import Answer, Asked, Call, Fault, Reply
from agent.models.server.scripted_server import ScriptedServer


def _good(asked: Asked) -> Reply:
    return Call("ping", {"number": 7}) if "tools" in asked.body else "ok"


def _doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, *flags: str) -> Result:
    (tmp_path / "config.toml").write_text(text)
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "config.toml"))
    return CliRunner().invoke(main, ["doctor", "--models", *flags])


def _section(name: str, server: ScriptedServer, more: str = "") -> str:
    return f'[models.{name}]\nbase_url = "{server.base_url}"\nmodel = "scripted"\n{more}\n'


def test_one_model_that_works_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(_good) as good, ScriptedServer(lambda _: Answer(fault=Fault.UNAUTHORIZED)) as bad:
        text = _section("good", good) + _section("bad", bad)
        result = _doctor(tmp_path, monkeypatch, text, "--json")
    said = json.loads(result.stdout)
    levels = {finding["name"]: finding["level"] for finding in said["findings"]}
    assert (result.exit_code, said["model_works"]) == (0, True)
    assert levels["good: tools"] == "ok"
    assert levels["bad: answers"] == "fail"
    assert all(finding["remedy"] for finding in said["findings"] if finding["level"] == "fail")


def test_no_model_that_works_has_an_exit_code_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer(_good) as server:
        result = _doctor(tmp_path, monkeypatch, _section("m", server, 'key = "env:RATCHET_NO_SUCH_KEY"'))
    assert result.exit_code == 32
    assert "fail m: key" in result.stdout
    assert "→ set RATCHET_NO_SUCH_KEY" in result.stdout


def test_no_model_at_all_is_said_and_what_works_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = _doctor(tmp_path, monkeypatch, "")
    assert result.exit_code == 32
    assert "`fix` and `verify` work" in result.stdout


def test_a_name_that_no_section_has_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATCHET_MODEL", "nobody")
    result = _doctor(tmp_path, monkeypatch, "", "--json")
    assert (result.exit_code, json.loads(result.stdout)["code"]) == (2, "usage")
    assert "Traceback" not in result.output
