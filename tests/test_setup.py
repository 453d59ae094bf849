"""The set-up asks before it changes a machine, and says in one sentence what is missing."""

import os
import pty
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = ("bash", "dirname", "env", "id", "mktemp", "rm", "tail")


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """An environment in which no engine is to be found, and an apt-get that only writes down its calls."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in PROGRAMS:
        (programs / name).symlink_to(shutil.which(name) or name)
    apt = programs / "apt-get"
    apt.write_text(f'#!/bin/bash\necho "$DEBIAN_FRONTEND $*" >>{tmp_path}/calls\n')
    apt.chmod(0o755)
    (tmp_path / "calls").touch()
    return {"PATH": str(programs), "DOCKER_HOST": "tcp://127.0.0.1:1", "HOME": str(tmp_path)}


def _calls(tmp_path: Path) -> list[str]:
    return (tmp_path / "calls").read_text().splitlines()


def _setup_engine(
    environment: dict[str, str], answer: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the set-up on a terminal that types `answer`, or without one."""
    command = [str(ROOT / ".ci" / "setup.sh"), "engine"]
    if answer is None:
        stdin, ours = subprocess.DEVNULL, -1
    else:
        ours, stdin = pty.openpty()
        os.write(ours, answer)
    done = subprocess.run(command, env=environment, stdin=stdin, capture_output=True, text=True, check=False)
    if answer is not None:
        os.close(ours)
        os.close(stdin)
    return done


@pytest.mark.parametrize("answer", [b"n\n", b"\n", b"no\n"])
def test_on_a_terminal_nothing_is_installed_without_a_yes(
    bare: dict[str, str], tmp_path: Path, answer: bytes
) -> None:
    done = _setup_engine(bare, answer)
    assert done.returncode == 60
    assert "sudo apt-get install bubblewrap" in done.stderr
    assert _calls(tmp_path) == []


def test_on_a_terminal_a_yes_installs(bare: dict[str, str], tmp_path: Path) -> None:
    _setup_engine(bare, b"y\nn\n")  # the second question: bubblewrap is still not there, take Docker?
    assert _calls(tmp_path) == [
        "noninteractive update -qq",
        "noninteractive install -y -qq --no-install-recommends bubblewrap",
    ]


@pytest.mark.parametrize("variable", [{"YES": "1"}, {"CI": "1"}, {"CI": "true"}])
def test_a_yes_beforehand_is_not_asked_again(
    bare: dict[str, str], tmp_path: Path, variable: dict[str, str]
) -> None:
    _setup_engine({**bare, **variable}, b"n\n")
    assert "noninteractive install -y -qq --no-install-recommends bubblewrap" in _calls(tmp_path)


def test_root_without_a_terminal_goes_on_and_nobody_else_does(bare: dict[str, str], tmp_path: Path) -> None:
    done = _setup_engine(bare)
    installed = any("install" in call for call in _calls(tmp_path))
    assert installed == (os.geteuid() == 0)
    assert installed or done.returncode == 60


def test_without_apt_the_sentence_names_what_is_needed(bare: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "bin" / "apt-get").unlink()
    done = _setup_engine(bare)
    assert done.returncode == 60
    assert done.stderr == (
        "setup: bubblewrap is needed; install it with your package manager and run this again.\n"
    )


def test_every_target_that_the_readme_names_is_in_the_help() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"^make ([a-z-]+)", (ROOT / "README.md").read_text(), flags=re.MULTILINE))
    assert named
    assert named <= set(re.findall(r"^  make ([a-z-]+)", listed, flags=re.MULTILINE))


def test_the_scripts_are_valid_bash() -> None:
    for script in [*(ROOT / ".ci").glob("*.sh"), ROOT / ".ci" / "run", ROOT / ".ci" / "with-engine"]:
        subprocess.run(["bash", "-n", script], check=True)
        assert os.access(script, os.X_OK), script
