"""The doctor tries out what is there and says what to do about what is not."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from agent.cli.main import main


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))


def test_json_is_one_object_and_says_that_a_sandbox_works() -> None:
    result = CliRunner().invoke(main, ["doctor", "--json"])
    said = json.loads(result.stdout)
    assert (result.exit_code, said["sandbox_works"]) == (0, True)
    names = {finding["name"] for finding in said["findings"]}
    assert {"ratchet", "docker", "bubblewrap", "process", "sandbox", "git", "kernel", "disk"} <= names


def test_whatever_is_not_in_order_comes_with_a_remedy() -> None:
    said = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).stdout)
    failed = [finding for finding in said["findings"] if finding["level"] == "fail"]
    assert all(finding["remedy"] for finding in failed)


def test_without_any_engine_the_exit_code_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    (tmp_path / "rm").symlink_to(shutil.which("rm") or "rm")
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 60
    assert "fail sandbox" in result.stdout
    assert "→ Install" in result.stdout


def test_a_pipe_gets_plain_lines() -> None:
    printed = CliRunner().invoke(main, ["doctor"]).stdout
    assert "\x1b" not in printed
    assert printed.startswith("ok   ratchet")
