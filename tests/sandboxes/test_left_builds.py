"""What a killed build left goes, and what a living one has stays."""

import subprocess
import sys
from pathlib import Path

from sandboxes.left_builds import reap_builds
from sandboxes.locks import exclusive
from sandboxes.owner import new_name

_NAME = "from sandboxes.owner import new_name; print(new_name())"


def _part(state: Path, key: str) -> Path:
    part = state / "environments" / "trust" / f".{key}.123.part"
    (part / "env" / "bin").mkdir(parents=True)
    (part / "env" / "bin" / "python").touch()
    return part


def test_what_a_killed_build_left_is_removed(tmp_path: Path) -> None:
    dead = subprocess.run([sys.executable, "-c", _NAME], capture_output=True, text=True, check=True)
    scratch = tmp_path / "scratch" / dead.stdout.strip()
    scratch.mkdir(parents=True)
    part = _part(tmp_path, "key")
    finished = part.with_name("other")
    finished.mkdir()

    assert reap_builds(tmp_path) == 2

    assert not scratch.exists()
    assert not part.exists()
    assert finished.exists()
    assert reap_builds(tmp_path) == 0


def test_a_build_that_goes_on_is_left_alone(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch" / new_name()
    scratch.mkdir(parents=True)
    part = _part(tmp_path, "key")

    with exclusive(part.with_name(".key.lock"), on_wait=lambda: None):
        assert reap_builds(tmp_path) == 0

    assert scratch.exists()
    assert (part / "env" / "bin" / "python").exists()


def test_a_state_directory_without_builds_has_nothing_to_remove(tmp_path: Path) -> None:
    assert reap_builds(tmp_path) == 0
