"""The user's file: changed without harm to what else is in it, or not at all."""

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.config import parse_user
from agent.protocol.errors import UsageError
from tui.screens.settings.file import change

TEXT = """\
# mine
[limits] # bounds
seconds = 600  # ten minutes

[policy]
command = [
  "ask *", # first
  # tests are fine
  "allow pytest*",
]

[models.small] # at home
base_url = "http://localhost:1/v1"
model = "m"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(TEXT)
    return path


def test_one_line_changes_and_every_comment_stays(file: Path) -> None:
    user = change(file, {("limits", "seconds"): 30})
    assert user.limits.seconds == 30
    assert file.read_text() == TEXT.replace("600", "30")


def test_lines_that_stay_keep_their_comments(file: Path) -> None:
    change(file, {("policy", "command"): ["ask *", "deny curl*", "allow pytest*"]})
    after = file.read_text()
    assert '"ask *", # first' in after and "# tests are fine" in after
    assert tomllib.loads(after)["policy"]["command"] == ["ask *", "deny curl*", "allow pytest*"]


def test_a_file_that_is_not_there_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    change(
        path,
        {
            ("tui", "vim_keys"): True,
            ("models", "a", "model"): "m",
            ("models", "a", "base_url"): "http://x/v1",
        },
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    user = parse_user(path.read_bytes(), "x")
    assert user.tui.vim_keys and user.models["a"].model == "m"
    assert [one.name for one in path.parent.iterdir()] == ["config.toml"]


def test_an_open_file_is_closed_to_others_when_it_is_written(file: Path) -> None:
    file.chmod(0o644)
    change(file, {("limits", "seconds"): None})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert parse_user(file.read_bytes(), "x").limits.seconds is None


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("limits", "pids"), 3, "pids"),
        (("sandbox", "kind"), "chroot", "chroot"),
        (("policy", "command"), ["maybe *"], "no rule"),
        (("models", "small", "key"), "hunter2", "models.small.key"),
        (("models", "small", "model"), None, "models.small.model"),
        (("routing", "plan"), "nobody", "nobody"),
        (("models", "search", "model"), "m", "search"),
    ],
)
def test_what_the_schema_refuses_is_said_and_nothing_is_written(
    file: Path, path: tuple[str, ...], value: str | int | list[str] | None, said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        change(file, {path: value})
    assert said in f"{refused.value.message} {refused.value.hint}"
    assert file.read_text() == TEXT and list(file.parent.iterdir()) == [file]


def test_a_model_goes_with_all_that_is_said_about_it(file: Path) -> None:
    assert not change(file, {("models", "small"): None}).models
    assert "seconds = 600" in file.read_text()


def test_a_file_that_is_no_toml_is_left_alone(file: Path) -> None:
    file.write_text("[limits\n")
    with pytest.raises(UsageError):
        change(file, {("limits", "seconds"): 3})
    assert file.read_text() == "[limits\n"


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    change(link, {("limits", "seconds"): 3})
    assert link.is_symlink() and "seconds = 3" in file.read_text()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=20), max_size=5), st.lists(st.text(max_size=20), max_size=5))
def test_any_lines_are_read_back_as_they_were_written(before: list[str], after: list[str]) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        file = Path(folder, "config.toml")
        rules = [[f"ask x{line}" for line in lines if line.isprintable()] for lines in (before, after)]
        for lines in rules:
            change(file, {("policy", "path"): lines})
            assert tomllib.loads(file.read_text())["policy"]["path"] == lines
