"""What `ratchet tasks replay` says of a log that it cannot run again."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import main
from agent.protocol.event import Event, TaskSubmitted
from agent.protocol.task import TaskKind, TaskSpec

SUBMITTED = TaskSubmitted(spec=TaskSpec(kind=TaskKind.ASK, repository="/r", goal="?"))
BEGUN = Event(seq=1, task_id="t", step_key="submit", recorded_at=1, body=SUBMITTED)


def replayed(folder: Path, text: str) -> Result:
    (folder / "run.jsonl").write_text(text)
    return CliRunner().invoke(main, ["tasks", "replay", str(folder / "run.jsonl")])


@pytest.mark.parametrize("text", ["no log", '{"seq": 1}', "[]"])
def test_a_file_that_is_no_log_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    done = replayed(tmp_path, text)
    assert done.exit_code == 2
    assert "is no log of a task" in done.stderr
    assert "--events" in done.stderr


@pytest.mark.parametrize("text", ["", BEGUN.model_dump_json() + "\n"])
def test_a_task_that_is_not_finished_cannot_be_replayed(tmp_path: Path, text: str) -> None:
    done = replayed(tmp_path, text)
    assert done.exit_code == 2
    assert "not finished" in done.stderr
