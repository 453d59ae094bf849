"""`ratchet tasks` against a real daemon whose tasks do what their words say."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from agent.cli.daemon.group import daemon as daemon_group
from agent.cli.main import main
from agent.cli.tasks.group import tasks as tasks_group
from agent.protocol.event import parse_event
from agent.protocol.state import fold
from tests.daemon.daemon_process import PATIENCE, DaemonProcess, finished, submit, wait_for_status

RATCHET = str(Path(sys.executable).parent / "ratchet")
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaemonProcess]:
    with DaemonProcess(tmp_path_factory.mktemp("state"), "--workers", "2") as started:
        yield started


@pytest.fixture
def http(daemon: DaemonProcess) -> Iterator[httpx.Client]:
    with daemon.client() as client:
        yield client


@pytest.fixture
def tasks(daemon: DaemonProcess, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `ratchet tasks`."""
    monkeypatch.setenv("RATCHET_STATE_DIR", str(daemon.state))
    return lambda *arguments: CliRunner().invoke(main, ["tasks", *arguments])


def listed(tasks: Run, *arguments: str) -> list[str]:
    found = json.loads(tasks("list", "--json", *arguments).stdout)["tasks"]
    return [one["task_id"] for one in found]


@pytest.fixture(scope="module")
def done(daemon: DaemonProcess) -> str:
    """Return a finished task."""
    with daemon.client() as http:
        task_id = submit(http, "step", "step", repository="/home/ada/done")
        finished(http, task_id)
    return task_id


def test_the_list_is_newest_first_and_can_be_narrowed(tasks: Run, http: httpx.Client, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    repository = str(tmp_path)
    ids = [submit(http, repository=repository) for _ in range(3)]
    for task_id in ids:
        finished(http, task_id)
    sleeper = submit(http, "sleep:600", repository=repository)
    (tmp_path / "folder").mkdir()

    assert listed(tasks, "--repository", str(tmp_path / "folder")) == [sleeper, *reversed(ids)]
    assert listed(tasks, "--repository", repository, "--limit", "2") == [sleeper, ids[2]]
    assert listed(tasks, "--repository", repository, "--status", "finished") == list(reversed(ids))
    assert listed(tasks, "--repository", repository, "--status", "open") == [sleeper]
    assert tasks("cancel", sleeper).exit_code == 0
    shown = tasks("list", "--repository", repository, "--limit", "1")
    assert sleeper in shown.stdout
    assert "--limit shows more" in shown.stderr


def test_a_task_of_a_pipe_is_one_line(tasks: Run, done: str) -> None:
    lines = tasks("list", "--limit", "100").stdout.splitlines()
    (line,) = [line for line in lines if done in line]
    assert "the script is at its end" in line
    assert "\x1b" not in "".join(lines)


def test_an_empty_list_says_what_to_do(tasks: Run, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    empty = tasks("list", "--repository", str(tmp_path))
    assert (empty.exit_code, empty.stdout, empty.stderr) == (0, "", "no such tasks\n")
    assert json.loads(tasks("list", "--repository", str(tmp_path), "--json").stdout) == {"tasks": []}


@pytest.mark.parametrize("part", [slice(None), slice(-6, None), slice(-12, None)])
def test_an_id_may_be_abbreviated(tasks: Run, done: str, part: slice) -> None:
    assert json.loads(tasks("show", done[part], "--json").stdout)["summary"]["task_id"] == done


def test_an_id_that_fits_none_or_several_is_a_usage_error(tasks: Run, http: httpx.Client, done: str) -> None:
    another = submit(http)
    for part, said in (("nothing", "no task 'nothing'"), (done[:2], "stands for"), ("", "an empty task id")):
        result = tasks("show", part)
        assert (result.exit_code, result.stdout) == (2, "")
        assert said in result.stderr
    unknown = tasks("show", "20200101-000000-00000000", "--json")
    assert unknown.exit_code == 2
    assert json.loads(unknown.stdout)["code"] == "no-such-task"
    finished(http, another)


def test_show_tells_where_a_task_stands(tasks: Run, done: str) -> None:
    shown = tasks("show", done)
    assert shown.exit_code == 0
    for expected in (done, "/home/ada/done", "unverified", "the script is at its end"):
        assert expected in shown.stdout


def test_show_events_are_the_whole_log(tasks: Run, done: str) -> None:
    lines = tasks("show", done, "--events").stdout.splitlines()
    state = fold(parse_event(json.loads(line)) for line in lines)
    assert (state.task_id, state.seq, state.proposals) == (done, len(lines), 2)


def test_patch_and_log_are_plain_text(tasks: Run, done: str) -> None:
    assert "the script is at its end" in tasks("log", done).stdout
    assert json.loads(tasks("log", done, "--json").stdout)["task_id"] == done
    none = tasks("patch", done)
    assert (none.exit_code, none.stdout, none.stderr) == (0, "", "no patch yet\n")


def test_a_task_is_paused_moved_resumed_cancelled_and_begun_again(tasks: Run, http: httpx.Client) -> None:
    task_id = submit(http, "sleep:600")
    wait_for_status(http, task_id, "running")

    assert f"{task_id}: paused" in tasks("pause", task_id).stdout
    assert json.loads(tasks("priority", task_id, "7", "--json").stdout)["tasks"][0]["priority"] == 7
    assert tasks("resume", task_id).exit_code == 0
    wait_for_status(http, task_id, "running")
    assert tasks("cancel", task_id).exit_code == 0
    assert finished(http, task_id)["summary"]["outcome"] == "interrupted"
    assert tasks("retry", task_id).exit_code == 0
    wait_for_status(http, task_id, "queued", "running")
    refused = tasks("retry", task_id)
    assert refused.exit_code == 2
    assert "not finished yet" in refused.stderr
    tasks("cancel", task_id)
    finished(http, task_id)


def test_several_tasks_are_cancelled_at_once(tasks: Run, http: httpx.Client) -> None:
    ids = [submit(http, "sleep:600") for _ in range(3)]
    assert tasks("cancel", *ids).exit_code == 0
    assert {finished(http, one)["summary"]["outcome"] for one in ids} == {"interrupted"}


def test_the_first_answer_to_a_question_counts(tasks: Run, http: httpx.Client) -> None:
    task_id = submit(http, "ask", attended=True)
    wait_for_status(http, task_id, "waiting")

    asked = tasks("show", task_id).stdout
    assert "the script asks" in asked
    assert "tool: apply" in asked
    assert f"ratchet tasks approve {task_id} --approval apply" in asked
    denied = tasks("deny", task_id, "--reason", "not today")
    assert f"{task_id}: apply: deny by cli:" in denied.stdout
    too_late = tasks("approve", task_id, "--approval", "apply")
    assert too_late.exit_code == 2
    assert "settled before: deny" in too_late.stderr
    assert finished(http, task_id)["summary"]["outcome"] == "denied"


def test_an_approved_task_goes_on(tasks: Run, http: httpx.Client) -> None:
    task_id = submit(http, "ask", "step", attended=True)
    wait_for_status(http, task_id, "waiting")
    nothing = tasks("approve", task_id, "--pattern", "deliver")
    assert (nothing.exit_code, "matches nothing" in nothing.stderr) == (2, True)
    view = json.loads(tasks("approve", task_id, "--pattern", "app*", "--json").stdout)
    answer = view["answers"][0]
    assert (answer["decision"], answer["scope"]) == ("allow", "pattern")
    assert [rule["pattern"] for rule in answer["rules"]] == ["app*"]
    assert finished(http, task_id)["summary"]["outcome"] == "unverified"


def test_watching_one_task_ends_with_its_report_and_exit_code(tasks: Run, http: httpx.Client) -> None:
    task_id = submit(http, "progress:60", "step")
    watched = tasks("watch", task_id, "--json")
    assert watched.exit_code == 20
    report = json.loads(watched.stdout)
    assert (report["task_id"], report["outcome"]) == (task_id, "unverified")
    assert "search" in watched.stderr


def test_watching_with_events_gives_the_log_as_it_grows(tasks: Run, http: httpx.Client) -> None:
    task_id = submit(http, "step", "step")
    lines = tasks("watch", task_id, "--events").stdout.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3, 4]


def test_watching_all_ends_in_a_pipe_once_nothing_is_open(tasks: Run, http: httpx.Client) -> None:
    ids = [submit(http, "sleep:2", "step"), submit(http, "sleep:2")]
    lines = tasks("watch").stdout.splitlines()
    for task_id in ids:
        assert any(task_id in line and "unverified" in line for line in lines)
    assert json.loads(tasks("watch", "--json").stdout or "{}") == {}
    assert "no open tasks" in tasks("watch").stderr


def test_a_terminal_shows_a_live_table_until_it_is_interrupted(
    daemon: DaemonProcess, http: httpx.Client
) -> None:
    task_id = submit(http, "progress:600")
    terminal, theirs = pty.openpty()
    environ = {**os.environ, "RATCHET_STATE_DIR": str(daemon.state), "COLUMNS": "120"}
    watching = subprocess.Popen([RATCHET, "tasks", "watch"], env=environ, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while b"/600" not in seen:
        seen += os.read(terminal, 4096)
    watching.send_signal(signal.SIGINT)
    with contextlib.suppress(OSError):
        while more := os.read(terminal, 4096):
            seen += more
    os.close(terminal)
    assert watching.wait(PATIENCE) == 0
    assert task_id.encode() in seen
    assert seen.rstrip().endswith(b"\x1b[?25h"), "the cursor is shown again"
    http.post(f"/v1/tasks/{task_id}/cancel")
    finished(http, task_id)


def test_a_shell_completes_ids_of_tasks(daemon: DaemonProcess, done: str) -> None:
    asked = {"_RATCHET_COMPLETE": "bash_complete", "COMP_CWORD": "3", "RATCHET_STATE_DIR": str(daemon.state)}
    for typed in (done[:17], done[-5:]):
        environ = {**os.environ, **asked, "COMP_WORDS": f"ratchet tasks show {typed}"}
        answer = subprocess.run([RATCHET], env=environ, capture_output=True, text=True, check=True)
        assert f"plain,{done}" in answer.stdout.splitlines()


def test_completion_starts_no_daemon(tmp_path: Path) -> None:
    asked = {"_RATCHET_COMPLETE": "bash_complete", "COMP_WORDS": "ratchet tasks show 2", "COMP_CWORD": "3"}
    environ = {**os.environ, **asked, "RATCHET_STATE_DIR": str(tmp_path / "state")}
    answer = subprocess.run([RATCHET], env=environ, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == ""
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("group", [tasks_group, daemon_group])
def test_every_command_shows_an_example(group: click.Group) -> None:
    for name in group.list_commands(click.Context(group)):
        shown = CliRunner().invoke(main, [str(group.name), name, "--help"])
        assert shown.exit_code == 0, name
        assert f"ratchet {group.name} {name}" in shown.stdout, name
