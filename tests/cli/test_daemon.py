"""`ratchet daemon`: started, looked at and stopped as a person does it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import main
from agent.client import registration
from agent.client.process import is_alive
from tests.client.conftest import end
from tests.daemon.daemon_process import PATIENCE, until

RATCHET = str(Path(sys.executable).parent / "ratchet")
Run = Callable[..., Result]
EMPTY = "a folder of the test"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    directory = tmp_path / "state"
    monkeypatch.setenv("RATCHET_STATE_DIR", str(directory))
    yield directory
    written = registration.read(directory)
    if written is not None:
        end(written.pid)


@pytest.fixture
def daemon(state: Path) -> Run:
    """Run `ratchet daemon`."""
    return lambda *arguments: CliRunner().invoke(main, ["daemon", *arguments])


def test_a_daemon_from_its_start_to_its_end(daemon: Run, state: Path) -> None:
    assert daemon("status").exit_code == 3
    assert json.loads(daemon("status", "--json").stdout)["running"] is False
    assert daemon("logs").exit_code == 2

    started = daemon("start")
    pid = json.loads(daemon("start", "--json").stdout)["pid"]
    assert f"process {pid}" in started.stdout

    seen = json.loads(daemon("status", "--json").stdout)
    assert (seen["running"], seen["pid"], seen["idle"], seen["problems"]) == (True, pid, True, [])
    assert seen["socket"] == str(state / "daemon.sock")
    shown = daemon("status")
    assert (shown.exit_code, "0 running, 0 queued; idle" in shown.stdout) == (0, True)

    assert "info serving version=" in daemon("logs").stdout
    entries = [json.loads(line) for line in daemon("logs", "--json", "-n", "5").stdout.splitlines()]
    assert all(entry["level"] for entry in entries)

    assert f"process {pid}" in daemon("stop").stdout
    assert not is_alive(pid)
    stopped = daemon("stop", "--json")
    assert (stopped.exit_code, json.loads(stopped.stdout)) == (0, {"stopped": False, "pid": None})


def test_a_daemon_that_hangs_is_told_from_one_that_does_not_run(
    daemon: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = json.loads(daemon("start", "--json").stdout)["pid"]
    monkeypatch.setattr("agent.client.launch._HEALTH_SECONDS", 0.5)
    os.kill(pid, signal.SIGSTOP)
    try:
        seen, stopped = daemon("status"), daemon("stop")
        about = json.loads(daemon("status", "--json").stdout)
    finally:
        os.kill(pid, signal.SIGCONT)
    assert (seen.exit_code, f"process {pid}) does not answer" in seen.stdout) == (3, True)
    assert (stopped.exit_code, f"kill -9 {pid}" in stopped.stderr) == (1, True)
    assert (about["running"], about["pid"]) == (False, pid)


def test_the_users_file_says_how_long_the_daemon_stays(
    daemon: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    monkeypatch.setenv("RATCHET_CONFIG", str(config))
    config.write_text("[daemon]\nworkers = 0\n")
    refused = daemon("start")
    assert refused.exit_code == 1
    assert f"{config}: [daemon.workers]" in refused.stderr

    config.write_text("[daemon]\nidle_minutes = 0.02\n")
    pid = json.loads(daemon("start", "--json").stdout)["pid"]
    assert any(not is_alive(pid) for _ in until(PATIENCE))


def test_the_log_is_followed_across_its_rotation(state: Path) -> None:
    log = state / "logs" / "daemon.log"
    log.parent.mkdir(parents=True)
    log.write_text(
        '{"message": "first", "level": "info", "timestamp": "2026-01-01T00:00:00Z", "worker": 7}\n'
    )
    following = subprocess.Popen([RATCHET, "daemon", "logs", "-f"], stdout=subprocess.PIPE, text=True)
    assert following.stdout is not None
    try:
        assert following.stdout.readline() == "2026-01-01 00:00:00 info first worker=7\n"
        log.rename(log.with_suffix(".log.1"))
        log.write_text('{"message": "second\\u001b[2J", "level": "error", "exception": "Traceback\\n  x"}\n')
        assert following.stdout.readline().strip() == r"error second\x1b[2J"
        assert following.stdout.readline() == "Traceback\n"
    finally:
        following.send_signal(signal.SIGINT)
        following.communicate(timeout=PATIENCE)
    assert following.returncode == 0


def test_run_serves_in_the_terminal_until_it_is_interrupted(state: Path) -> None:
    running = subprocess.Popen([RATCHET, "daemon", "run", "--idle-minutes", "0"], stderr=subprocess.PIPE)
    try:
        assert any(registration.read(state) for _ in until(PATIENCE))
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=PATIENCE)
    assert running.returncode == 0
    assert registration.read(state) is None


def test_a_second_daemon_is_one_clear_error(daemon: Run, state: Path) -> None:
    daemon("start")
    second = subprocess.run([RATCHET, "daemon", "run"], capture_output=True, text=True, check=False)
    assert second.returncode == 3
    assert "another daemon serves" in second.stderr
    assert "ratchet daemon status" in second.stderr


def test_the_unit_is_one_that_systemd_takes(
    daemon: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RATCHET_STATE_DIR", str(tmp_path / 'a "b" %n'))
    monkeypatch.setenv("RATCHET_DATABASE_URL", "postgresql://ann@host/db?options=-c%20x")
    text = daemon("unit").stdout
    assert 'state "' in text.replace("--state", "state")
    assert r"a \"b\" %%n" in text
    assert "Environment=RATCHET_DATABASE_URL=postgresql://ann@host/db?options=-c%%20x\n" in text
    if (verify := shutil.which("systemd-analyze")) is not None:
        unit = tmp_path / "ratchet.service"
        unit.write_text(text)
        environ = {**os.environ, "SYSTEMD_LOG_LEVEL": "warning"}
        done = subprocess.run(
            [verify, "--user", "verify", str(unit)], env=environ, capture_output=True, text=True, check=False
        )
        assert "ratchet.service" not in done.stderr


def test_an_error_is_one_sentence_and_a_hint(daemon: Run, state: Path) -> None:
    state.mkdir()
    (state / "ratchet.db").write_bytes(b"this is no database" * 1000)
    failed = daemon("start", "--json")
    assert failed.exit_code == 1
    said = json.loads(failed.stdout)
    assert (said["code"], said["outcome"]) == ("daemon", "error")
    assert "not a database" in said["reason"]
    assert said["hint"]


@pytest.mark.parametrize(
    ("mount", "said"),
    [
        (("--ro-bind", EMPTY, "/mnt"), "Read-only file system"),
        (("--size", "65536", "--tmpfs", "/mnt"), "full"),
    ],
)
def test_a_disk_that_takes_nothing_is_one_clear_error(
    tmp_path: Path, mount: tuple[str, ...], said: str
) -> None:
    command = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", *mount]
    command = [word.replace(EMPTY, str(tmp_path)) for word in command]
    environ = ["--setenv", "RATCHET_STATE_DIR", "/mnt", "--unsetenv", "XDG_RUNTIME_DIR"]
    done = subprocess.run(
        [*command, *environ, RATCHET, "tasks", "list"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    assert said in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr
