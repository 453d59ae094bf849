"""What `ratchet doctor` says about the bot: from the settings alone, and from what a forge says."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomlkit
from click.testing import CliRunner, Result

from agent.cli.doctor.bot import bot_settings
from agent.cli.main import main
from sandboxes.doctor import Level
from tests.forge.fake import FakeForge
from tests.forge.tokens import ALL

KEYS = ("GITHUB_TOKEN", "RATCHET_APP_KEY", "RATCHET_WEBHOOK_SECRET", "RATCHET_WEBHOOK_SECRET_OLD")


@pytest.fixture(scope="module")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeForge]:
    with FakeForge(tmp_path_factory.mktemp("forge")) as running:
        running.add_repository("acme/shop")
        yield running


@pytest.fixture(autouse=True)
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the user's file, empty; no key is set."""
    path = tmp_path / "config.toml"
    path.touch()
    monkeypatch.setenv("RATCHET_CONFIG", str(path))
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    return path


def asked(*flags: str) -> Result:
    return CliRunner().invoke(main, ["doctor", "--bot", *flags])


def settings() -> dict[str, Level]:
    return {one.name: one.level for one in bot_settings()}


def write(config: Path, **known: object) -> None:
    config.write_text(tomlkit.dumps({"bot": known}))


def test_who_has_no_bot_hears_nothing_of_one() -> None:
    assert settings() == {}


def test_a_key_is_found_without_asking_anybody(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_" + "x" * 36)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        write(config, api=f"http://127.0.0.1:{listening.getsockname()[1]}")
        assert settings() == {"bot: key": Level.OK, "bot: secret": Level.WARN}
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert all("ghp_" not in one.detail + one.remedy for one in bot_settings())
    monkeypatch.setenv("RATCHET_WEBHOOK_SECRET", "s" * 32)
    assert settings()["bot: secret"] is Level.OK


def test_a_token_alone_is_said_and_no_secret_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_" + "x" * 36)
    assert settings() == {"bot: key": Level.OK}


def test_a_key_that_is_missing_is_said_with_a_remedy(config: Path) -> None:
    write(config, app=4711)
    (key,) = (one for one in bot_settings() if one.name == "bot: key")
    assert (key.level, "RATCHET_APP_KEY" in key.detail, bool(key.remedy)) == (Level.FAIL, True, True)


def test_a_file_that_cannot_be_read_keeps_nothing_else_from_being_said(config: Path) -> None:
    config.write_text("[bot]\napi = 7\n")
    (found,) = bot_settings()
    assert (found.level, "api" in found.detail) == (Level.FAIL, True)


@pytest.mark.parametrize("as_app", [True, False])
def test_the_forge_says_who_we_are_and_what_we_may(
    config: Path, fake: FakeForge, monkeypatch: pytest.MonkeyPatch, as_app: bool
) -> None:
    for name, value in fake.environ.items():
        monkeypatch.setenv(name, value)
    write(config, **fake.bot_config(app=as_app).model_dump(mode="json", exclude_none=True))
    wrote = len(fake.writes())
    result = asked("--json")
    said = json.loads(result.stdout)
    told = {one["name"]: one["detail"] for one in said["findings"]}
    assert (result.exit_code, said["bot_works"]) == (0, True), result.output
    assert told["bot: identity"] == f"writes as {fake.bot_login(app=as_app)}"
    assert "requests are left in this hour" in told["bot: rate limit"]
    assert not any(value in result.output for value in fake.environ.values())
    # The key of an App is changed into a token, which is no change of anything.
    assert [one.path for one in fake.writes()[wrote:] if "access_tokens" not in one.path] == []


def test_what_an_app_lacks_keeps_the_bot_from_working(
    config: Path, fake: FakeForge, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in fake.environ.items():
        monkeypatch.setenv(name, value)
    write(config, **fake.bot_config(app=True).model_dump(mode="json", exclude_none=True))
    monkeypatch.setitem(ALL, "checks", "read")
    result = asked()
    assert result.exit_code == 1
    assert "fail bot: permissions" in result.stdout
    assert "lacks checks: write" in result.stdout
    assert "→ change them in the settings of the App" in result.stdout


@pytest.mark.parametrize("key", ["", "of-nobody", "no key at all"])
def test_a_key_that_is_worth_nothing_is_one_finding_with_a_remedy(
    config: Path, fake: FakeForge, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("RATCHET_APP_KEY" if " " in key else "GITHUB_TOKEN", key)
    write(config, **fake.bot_config(app=" " in key).model_dump(mode="json", exclude_none=True))
    result = asked("--json")
    assert (result.exit_code, json.loads(result.stdout)["bot_works"]) == (1, False), result.output
    failed = [one for one in json.loads(result.stdout)["findings"] if one["level"] == "fail"]
    assert len(failed) == 1 and failed[0]["remedy"]
    assert not key or key not in result.output


def test_two_questions_are_asked_one_at_a_time() -> None:
    assert asked("--models").exit_code == 2
