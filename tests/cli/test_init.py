"""`ratchet init` writes what is detected, once, and running without the file detects the same."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import main
from agent.config import EnvironmentConfig, parse_repository
from agent.repo.store import Store
from agent.verify.environment import discover_environment

SAMPLE = Path(__file__).parent.parent / "data" / "sample"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))
    root = tmp_path / "bookshelf"
    shutil.copytree(SAMPLE, root)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "start"]):
        identity = ["-c", "user.name=Ann", "-c", "user.email=ann@localhost"]
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True)
    return root


def _init(repository: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["init", "-C", str(repository), *arguments], catch_exceptions=False)


def test_the_detected_environment_and_check_are_written(repository: Path) -> None:
    result = _init(repository)
    assert result.exit_code == 0
    written = parse_repository((repository / ".ratchet.toml").read_bytes())
    assert written.checks["pytest"].command == "pytest"
    assert f"wrote {repository}/.ratchet.toml: 1 check\n" == result.stdout


def test_the_file_changes_nothing_about_the_environment(repository: Path, tmp_path: Path) -> None:
    _init(repository)
    written = parse_repository((repository / ".ratchet.toml").read_bytes()).environment
    store = Store.open(repository, tmp_path / "state")
    base = store.snapshot(clean=True)
    specs = [
        replace(discover_environment(store, base.tree, base.commit, config.model_dump()), notes=())
        for config in (EnvironmentConfig(), written)
    ]
    assert specs[0] == specs[1]


def test_from_a_folder_inside_the_file_goes_to_the_top(repository: Path) -> None:
    _init(repository / "src" / "bookshelf")
    assert (repository / ".ratchet.toml").is_file()


def test_an_existing_file_is_never_overwritten_unasked(repository: Path) -> None:
    mine = repository / ".ratchet.toml"
    mine.write_text("# mine\n")
    result = _init(repository)
    assert result.exit_code == 2
    assert "exists already" in result.stderr and "--force" in result.stderr
    assert mine.read_text() == "# mine\n"
    assert _init(repository, "--force").exit_code == 0
    assert "[checks.pytest]" in mine.read_text()


def test_a_link_is_replaced_and_not_written_through(repository: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("precious")
    (repository / ".ratchet.toml").symlink_to(elsewhere)
    assert _init(repository).exit_code == 2
    assert _init(repository, "--force").exit_code == 0
    assert elsewhere.read_text() == "precious"
    assert not (repository / ".ratchet.toml").is_symlink()


def test_a_dry_run_prints_the_file_and_writes_nothing(repository: Path) -> None:
    result = _init(repository, "--dry-run")
    assert parse_repository(result.stdout.encode()).checks["pytest"].results == "pytest"
    assert not (repository / ".ratchet.toml").exists()


def test_json_is_one_object_that_holds_the_file(repository: Path) -> None:
    said = json.loads(_init(repository, "--dry-run", "--json").stdout)
    assert (said["written"], said["path"]) == (False, f"{repository}/.ratchet.toml")
    assert said["checks"] == [{"name": "pytest", "command": "pytest", "results": "pytest"}]
    assert "[environment]" in said["content"]


def test_nothing_else_is_left_in_the_checkout(repository: Path) -> None:
    _init(repository)
    status = subprocess.run(["git", "status", "--porcelain"], cwd=repository, capture_output=True, text=True)
    assert status.stdout == "?? .ratchet.toml\n"


def test_an_empty_repository_gets_a_sentence_and_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))
    subprocess.run(["git", "init", "-q", tmp_path / "empty"], check=True)
    result = _init(tmp_path / "empty")
    assert result.exit_code == 2
    assert "hint:" in result.stderr and "Traceback" not in result.stderr
