"""Undo brings back, byte for byte, what an --apply replaced, and never a change of the user's."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import main
from agent.protocol.edit import Splice
from agent.repo.delivery import apply_to_checkout
from agent.repo.store import Store

WRONG, RIGHT = b"total = a - b\r\n", b"total = a + b\r\n"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository into which a patch was applied."""
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))
    root = tmp_path / "repository"
    root.mkdir()
    (root / "sum.py").write_bytes(WRONG)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "start"]):
        identity = ["-c", "user.name=Ann", "-c", "user.email=ann@localhost"]
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True)
    store = Store.open(root, tmp_path / "state")
    snapshot = store.snapshot()
    fixed = store.apply(snapshot.tree, [Splice(path="sum.py", start=10, old=b"-", new=b"+")])
    apply_to_checkout(store, snapshot, store.diff(snapshot.tree, fixed), task_id="20260101-000000-abcd")
    assert (root / "sum.py").read_bytes() == RIGHT
    return root


def _undo(repository: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["undo", "-C", str(repository), *arguments], catch_exceptions=False)


def test_undo_brings_the_file_back_to_the_byte(repository: Path) -> None:
    result = _undo(repository)
    assert result.exit_code == 0
    assert (repository / "sum.py").read_bytes() == WRONG
    assert result.stdout == "took back what task 20260101-000000-abcd had applied:\n  sum.py\n"


def test_json_names_the_task_and_the_files(repository: Path) -> None:
    said = json.loads(_undo(repository, "--json").stdout)
    assert said == {"task_id": "20260101-000000-abcd", "files": ["sum.py"], "undone": True}


def test_a_dry_run_writes_nothing(repository: Path) -> None:
    assert json.loads(_undo(repository, "--dry-run", "--json").stdout)["files"] == ["sum.py"]
    assert (repository / "sum.py").read_bytes() == RIGHT


def test_a_file_that_the_user_changed_since_is_left_alone(repository: Path) -> None:
    mine = RIGHT + b"print(total)\r\n"
    (repository / "sum.py").write_bytes(mine)
    result = _undo(repository)
    assert result.exit_code == 20
    assert "sum.py" in result.stderr and "hint:" in result.stderr
    assert (repository / "sum.py").read_bytes() == mine


def test_there_is_nothing_left_to_undo_after_the_last_one(repository: Path) -> None:
    _undo(repository)
    result = _undo(repository, "--json")
    assert result.exit_code == 20
    assert "nothing to undo" in json.loads(result.stdout)["reason"]


def test_outside_of_a_repository_the_answer_is_a_sentence_and_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / "state"))
    result = _undo(tmp_path)
    assert result.exit_code == 2
    assert "not inside a git repository" in result.stderr and "hint:" in result.stderr
    assert "Traceback" not in result.stderr
