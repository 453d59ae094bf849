"""A key that the user's keyring holds, by the programs a user stores and uses it with."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.models.server.script import Asked, Reply
from agent.models.server.scripted_server import ScriptedServer

SERVICE, KEY = "ratchet-of-a-test", "sk-from-the-keyring"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return an environment whose keyring is a file of this test."""
    return {
        **os.environ,
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "RATCHET_CONFIG": str(tmp_path / "config.toml"),
    }


def run(environ: dict[str, str], *argv: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *argv]
    return subprocess.run(command, env=environ, input=typed, capture_output=True, text=True, timeout=240)


def test_a_key_that_was_stored_in_the_keyring_is_sent_and_shown_nowhere(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    sent: set[str] = set()

    def answer(asked: Asked) -> Reply:
        sent.add(asked.headers.get("authorization", ""))
        return "ok"

    with ScriptedServer(answer) as server:
        lines = (f'base_url = "{server.base_url}"', 'model = "scripted"', f'key = "keyring:{SERVICE}"')
        (tmp_path / "config.toml").write_text("\n".join(("[models.m]", *lines)))
        before = run(environ, "agent", "doctor", "--models", "--json")
        stored = run(environ, "keyring", "set", SERVICE, "ratchet", typed=KEY)
        after = run(environ, "agent", "doctor", "--models", "--json")

    missing = {one["name"]: one for one in json.loads(before.stdout)["findings"]}["m: key"]
    assert missing["level"] == "fail"
    assert f"keyring set {SERVICE} ratchet" in missing["remedy"]
    assert stored.returncode == 0, stored.stderr
    assert {one["name"]: one["level"] for one in json.loads(after.stdout)["findings"]}["m: answers"] == "ok"
    assert sent == {f"Bearer {KEY}"}
    assert KEY not in after.stdout + after.stderr


def test_a_keyring_that_cannot_be_read_is_said(tmp_path: Path, environ: dict[str, str]) -> None:
    environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    text = '[models.m]\nbase_url = "http://127.0.0.1:9"\nmodel = "x"\n' + f'key = "keyring:{SERVICE}"\n'
    (tmp_path / "config.toml").write_text(text)
    done = run(environ, "agent", "doctor", "--models")
    assert "names the keyring, which cannot be read" in done.stdout
    assert "use `env:VARIABLE` instead" in done.stdout
