"""Settings come from the schema: every field, what it means, and what is stronger than the file."""

from pathlib import Path

import pytest
from pydantic import BaseModel

from agent.config import OrganizationConfig, UserConfig
from agent.protocol.errors import UsageError
from agent.sections import LimitsConfig, SandboxConfig
from tui.screens.settings.above import above
from tui.screens.settings.kinds import brief, read, written
from tui.screens.settings.schema import Field, Kind, fields
from tui.screens.settings.settings import settings

MODEL = {"base_url": "http://localhost:1/v1", "model": "m"}


def field_of(*path: str) -> Field:
    return next(one for one in fields(UserConfig(), {"models": {"small": MODEL}}) if one.path == path)


def leaves(kind: type[BaseModel], path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for name, value in kind.model_construct().__dict__.items():
        if isinstance(value, BaseModel):
            found |= leaves(type(value), (*path, name))
        elif not isinstance(value, dict):
            found.add((*path, name))
    return found


def test_every_field_of_the_users_file_is_a_setting() -> None:
    assert {one.path for one in fields(UserConfig(), {})} == leaves(UserConfig)


def test_each_model_of_the_file_has_its_own_fields_and_is_named_by_its_section() -> None:
    of_model = [
        one.path[2:] for one in fields(UserConfig(), {"models": {"small": MODEL}}) if one.path[0] == "models"
    ]
    assert ("prices", "input") in of_model and ("base_url",) in of_model and ("name",) not in of_model


def test_a_field_knows_its_kind_its_bounds_its_default_and_what_it_means() -> None:
    seconds = field_of("limits", "seconds")
    assert (seconds.kind, seconds.bounds, seconds.default) == (Kind.NUMBER, "more than 0", 300.0)
    assert "Wall time" in seconds.doc
    assert field_of("tui", "notify").choices == ("bell", "desktop", "off")
    assert field_of("sandbox", "kind").choices[0] == "auto"
    assert field_of("policy", "command").kind is Kind.LINES
    assert field_of("models", "small", "model").is_required
    assert "not set means" in field_of("daemon", "workers").doc


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        (("limits", "seconds"), " 1.5 ", 1.5),
        (("limits", "pids"), "64", 64),
        (("tui", "vim_keys"), "true", True),
        (("policy", "command"), "ask *\n\n  allow x\n", ["ask *", "allow x"]),
        (("routing", "plan"), "", None),
    ],
)
def test_what_is_typed_becomes_a_value(path: tuple[str, ...], text: str, value: object) -> None:
    assert read(text, field_of(*path)) == value
    assert written(value).split() == text.split()


@pytest.mark.parametrize(("path", "text"), [("seconds", "soon"), ("seconds", "inf"), ("pids", "1.5")])
def test_what_is_no_number_is_refused(path: str, text: str) -> None:
    with pytest.raises(UsageError, match="is not a"):
        read(text, field_of("limits", path))


def test_a_secret_is_refused_and_not_repeated() -> None:
    secret = "sk-" + "proj-" + 10 * "a1B2c3D4"
    with pytest.raises(UsageError) as refused:
        read(secret, field_of("models", "small", "model"))
    assert secret not in f"{refused.value.message} {refused.value.hint}"


def test_a_value_is_shown_on_one_line() -> None:
    assert [brief(one) for one in (None, "", (), ["a", "b"], True, 2.0)] == [
        "not set",
        "not set",
        "none",
        "a · b",
        "true",
        "2",
    ]


def test_what_the_organization_and_the_environment_say_is_stronger_than_the_file() -> None:
    organization = OrganizationConfig(sandbox=SandboxConfig(kind="docker"), limits=LimitsConfig(seconds=100))
    nobody = OrganizationConfig()
    said = above(("sandbox", "kind"), "auto", organization, {"RATCHET_SANDBOX": "process"})
    assert said is not None and said.holds == "docker"
    said = above(("sandbox", "kind"), "auto", nobody, {"RATCHET_SANDBOX": "process"})
    assert said is not None and said.holds == "process"
    too_much, within = (above(("limits", "seconds"), value, organization, {}) for value in (300.0, 50.0))
    assert too_much is not None and too_much.holds == "100"
    assert within is not None and within.holds == "" and "at most 100" in within.because
    said = above(("limits", "seconds"), 300.0, nobody, {"RATCHET_TIMEOUT": "20"})
    assert said is not None and said.holds == "20"
    assert above(("limits", "pids"), 300, organization, {"RATCHET_TIMEOUT": "20"}) is None


def test_a_row_says_what_holds_and_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text(
        '[limits]\npids = 64\n[models.small]\nbase_url = "http://x/v1"\nmodel = "m"\n'
    )
    monkeypatch.setenv("RATCHET_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("RATCHET_TIMEOUT", "20")
    rows = {".".join(one.field.path): (one.value, one.origin) for one in settings()}
    assert rows["limits.pids"] == ("64", "your file")
    assert rows["limits.cpus"] == ("2", "default")
    assert rows["limits.seconds"] == ("20", "pinned")
    assert rows["models.small.model"] == ("m", "your file")
