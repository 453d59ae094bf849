"""A disk that is full or read-only, a damaged file: one clear answer, and nothing lost."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.conftest import Start
from tests.daemon.daemon_process import PATIENCE, DaemonProcess, finished, spec, submit, until


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _remount(disk: Path, mode: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{mode}", str(disk)], check=True)


def test_a_full_disk_is_one_problem_and_work_goes_on_when_there_is_room(start: Start, disk: Path) -> None:
    daemon = start(state=disk)
    with daemon.client() as http:
        before = submit(http, "step")
        finished(http, before)
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(b"x" * 4096)

        refused = http.post("/v1/tasks", json=spec("x" * 100_000))
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:ratchet:store"
        assert "full" in refused.json()["detail"]
        assert "disk space" in refused.json()["hint"]
        assert http.get(f"/v1/tasks/{before}").json()["summary"]["outcome"] == "unverified"

        filler.unlink()
        assert finished(http, submit(http, "step"))["summary"]["outcome"] == "unverified"


def test_a_read_only_state_is_one_problem_and_what_is_there_can_be_read(start: Start, disk: Path) -> None:
    daemon = start(state=disk)
    with daemon.client() as http:
        before = submit(http, "step")
        finished(http, before)
        for _ in until(PATIENCE):
            # Files that are open for writing keep a file system writable.
            done = subprocess.run(["mount", "-o", "remount,ro", str(disk)], capture_output=True)
            if done.returncode == 0:
                break
            daemon.stop()
    refused = DaemonProcess(disk)

    assert refused.wait() == 1
    assert "cannot be written: Read-only file system" in refused.said()
    assert "RATCHET_STATE_DIR" in refused.said()
    _remount(disk, "rw")
    with start(state=disk).client() as http:
        assert http.get(f"/v1/tasks/{before}").json()["summary"]["outcome"] == "unverified"


def test_a_damaged_database_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "ratchet.db").write_bytes(b"this is no database" * 1000)
    refused = DaemonProcess(tmp_path)

    assert refused.wait() == 1
    assert "ratchet.db" in refused.said()
    assert "damaged" in refused.said()
    assert (tmp_path / "ratchet.db").read_bytes().startswith(b"this is no database")


def test_a_story_that_cannot_be_loaded_is_a_problem_of_the_daemons_health(start: Start) -> None:
    daemon = start("--story", "no.such.module:Story")
    with daemon.client() as http:
        submit(http)
        for _ in until(PATIENCE):
            if problems := http.get("/v1/health").json()["problems"]:
                break
        assert "a worker process ended with status 1" in problems[0]
    text = " ".join(str(each.get("text")) for each in daemon.log())
    assert "cannot be imported" in text
