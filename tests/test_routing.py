"""Which models a command goes to."""

from pathlib import Path

import pytest

from agent.config import load_user
from agent.protocol.errors import UsageError
from agent.protocol.model import Role
from agent.routing import routing
from agent.sections import UserConfig

FILE = """
[models.small]
base_url = "http://localhost:11434/v1"
model = "tiny"

[models.big]
base_url = "https://models.example.org/v1"
model = "huge"
key = "env:EXAMPLE_KEY"
context = 200000
prices = { input = 3.0, output = 15.0 }

[routing]
review = "big"
stages = ["search", "small", "big"]
cost_usd_per_day = 5.0
"""


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> UserConfig:
    (tmp_path / "config.toml").write_text(FILE)
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "config.toml"))
    return load_user()


def test_models_are_known_by_their_sections(user: UserConfig) -> None:
    found = routing(user, {})
    assert [(one.name, one.model, one.is_remote) for one in found.models] == [
        ("small", "tiny", False),
        ("big", "huge", True),
    ]
    assert found.roles == {Role.REVIEW: "big"}
    assert found.stages == ("search", "small", "big")
    assert user.routing.cost_usd_per_day == 5.0


def test_one_model_can_be_chosen_for_everything(user: UserConfig) -> None:
    found = routing(user, {"RATCHET_MODEL": "small"})
    assert (found.stages, found.roles) == (("small",), {})


def test_the_environment_can_hold_a_profile(user: UserConfig) -> None:
    environ = {
        "RATCHET_MODEL_URL": "http://127.0.0.1:1/v1",
        "RATCHET_MODEL": "m",
        "RATCHET_MODEL_KEY": "env:SOME_KEY",
    }
    (profile,) = routing(user, environ).models
    assert (profile.base_url, profile.model, profile.key) == ("http://127.0.0.1:1/v1", "m", "env:SOME_KEY")
    assert routing(user, environ).stages == (profile.name,)


def test_without_models_nothing_is_asked() -> None:
    assert routing(UserConfig(), {}).stages == ()


@pytest.mark.parametrize(
    "environ", [{"RATCHET_MODEL": "none"}, {"RATCHET_MODEL_URL": "http://localhost/v1"}], ids=["name", "url"]
)
def test_a_name_that_nobody_has_is_said(user: UserConfig, environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="RATCHET_MODEL"):
        routing(user, environ)


@pytest.mark.parametrize(
    "text",
    [
        '[routing]\nedit = "none"',
        '[models.a]\nbase_url = "https://user:sk-secret@example.org/v1"\nmodel = "y"',
        '[models.a]\nbase_url = "example.org"\nmodel = "y"',
        '[models.a]\nbase_url = "http://x"\nmodel = "y"\nname = "b"',
        '[models.search]\nbase_url = "http://x"\nmodel = "y"',
        '[models.a]\nbase_url = "http://x"\nmodel = "y"\nkey = "sk-secret"',
        '[models.a]\nbase_url = "http://x"',
        "[models]\na = 3",
    ],
)
def test_a_file_that_makes_no_sense_is_refused_without_showing_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    (tmp_path / "config.toml").write_text(text)
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "config.toml"))
    with pytest.raises(UsageError) as raised:
        routing(load_user(), {})
    assert "sk-secret" not in raised.value.message + raised.value.hint


def test_a_key_in_the_environment_is_refused_where_a_reference_belongs() -> None:
    environ = {"RATCHET_MODEL_URL": "http://x/v1", "RATCHET_MODEL": "m", "RATCHET_MODEL_KEY": "sk-secret"}
    with pytest.raises(UsageError) as raised:
        routing(UserConfig(), environ)
    assert "sk-secret" not in raised.value.message
