"""The doctor on broken state directories and odd daemons: each trouble has a name and a remedy."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from agent.cli.doctor.daemon import daemon_findings
from agent.cli.doctor.state import state_findings
from agent.engine.database import Database
from agent.engine.store import TaskStore
from agent.protocol.task import TaskKind, TaskSpec
from sandboxes.doctor import Finding, Level
from tests.daemon.daemon_process import ROOT, DaemonProcess


def of(findings: list[Finding], name: str) -> Finding:
    (found,) = [one for one in findings if one.name == name]
    assert found.level is Level.OK or found.remedy
    return found


def with_a_task(state: Path) -> Path:
    database = Database.open(state)
    TaskStore(database).create(TaskSpec(kind=TaskKind.FIX, repository="/home/ada/project"))
    database.close()
    return state / "ratchet.db"


def found_inside(*mounts: str, state: str) -> str:
    """Return what is said of a state directory where other file systems are mounted."""
    code = (
        "import sys; from pathlib import Path; from agent.cli.doctor.state import state_findings\n"
        f"state = Path({state!r})\n"
        "try: (state / 'filler').write_bytes(bytes(1 << 20))\n"
        "except OSError as error: print(error)\n"
        "print(*state_findings(state), sep='\\n')"
    )
    command = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", *mounts, sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_what_does_not_exist_yet_is_fine_and_is_not_made(tmp_path: Path) -> None:
    state = tmp_path / "not" / "there"
    findings = [*state_findings(state), *daemon_findings(state)]
    assert {one.level for one in findings} == {Level.OK}
    assert not (tmp_path / "not").exists()


def test_a_whole_database_is_ok(tmp_path: Path) -> None:
    with_a_task(tmp_path)
    tmp_path.chmod(0o700)
    assert {one.level for one in state_findings(tmp_path)} == {Level.OK}


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    path = with_a_task(tmp_path)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(4096 * 8))
    found = of(list(state_findings(tmp_path)), "database")
    assert (found.level, "damaged" in found.detail) == (Level.FAIL, True)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "ratchet.db").write_bytes(b"this is no database" * 1000)
    found = of(list(state_findings(tmp_path)), "database")
    assert (found.level, "not a database" in found.detail) == (Level.FAIL, True)


def test_a_clock_that_went_back_is_named(tmp_path: Path) -> None:
    path = with_a_task(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE tasks SET updated_at = ?", [int(time.time()) + 3600])
    found = of(list(state_findings(tmp_path)), "clock")
    assert (found.level, "60 min in the future" in found.detail) == (Level.WARN, True)


def test_a_file_in_the_place_of_the_state_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    found = of(list(state_findings(tmp_path / "state")), "state")
    assert (found.level, "not a directory" in found.detail) == (Level.FAIL, True)


def test_a_read_only_state_directory_is_named(tmp_path: Path) -> None:
    said = found_inside(state=str(tmp_path))
    assert "Level.FAIL" in said, said
    assert f"{tmp_path} cannot be written: Read-only file system" in said
    assert "Make it writable" in said


def test_a_full_disk_is_named() -> None:
    said = found_inside("--size", "65536", "--tmpfs", "/mnt", state="/mnt")
    assert "No space left on device" in said, said
    assert "Level.FAIL" in said
    assert "Free some disk space" in said


def test_a_socket_that_another_program_took_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "daemon.sock"))
        listener.listen()
        found = of(list(daemon_findings(tmp_path)), "daemon")
    assert (found.level, "Another program listens" in found.detail) == (Level.FAIL, True)
    # What nobody listens on is a leftover that the next daemon replaces.
    assert of(list(daemon_findings(tmp_path)), "daemon").level is Level.OK


def test_a_daemon_is_named_with_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with DaemonProcess(tmp_path / "state") as daemon:
        healthy = list(daemon_findings(daemon.state))
        assert of(healthy, "daemon").level is Level.OK
        assert f"process {daemon.process.pid}" in healthy[0].detail

        monkeypatch.setattr("agent.__version__", "9.0.0")
        other = of(list(daemon_findings(daemon.state)), "daemon")
        assert (other.level, "another version than this command (9.0.0)" in other.detail) == (
            Level.WARN,
            True,
        )

        monkeypatch.setattr("agent.cli.doctor.daemon.time.time", lambda: time.monotonic() + 4e9)
        assert "The clock went forward" in of(list(daemon_findings(daemon.state)), "clock").detail


def test_a_daemon_that_hangs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agent.client.launch._HEALTH_SECONDS", 0.5)
    with DaemonProcess(tmp_path / "state") as daemon:
        os.kill(daemon.process.pid, signal.SIGSTOP)
        try:
            found = of(list(daemon_findings(daemon.state)), "daemon")
        finally:
            os.kill(daemon.process.pid, signal.SIGCONT)
    assert (found.level, "does not answer" in found.detail) == (Level.FAIL, True)
