"""What users install: the wheel holds everything, and the locked requirements suffice to run it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
UV = str(Path(sys.executable).parent / "uv")
PACKAGES = ("agent", "lsp", "tui", "sandboxes")
THIS_PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
EXTRAS = r"(?:\[[a-z0-9, ._-]+\])?"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as users get it: built from the source archive, not from the checkout."""
    out = tmp_path_factory.mktemp("dist")
    _run(UV, "build", "--quiet", "--no-build-isolation", "--python", sys.executable, "--out-dir", out, ".")
    (built,) = out.glob("*.whl")
    return built


def _tracked(package: str) -> set[str]:
    listed = _run("git", "ls-files", "--cached", "--others", "--exclude-standard", "--", package)
    return {name for name in listed.splitlines() if (ROOT / name).is_file()}


def test_the_wheel_holds_every_file_of_the_four_packages_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == set().union(*map(_tracked, PACKAGES))


def test_the_wheel_holds_the_code_that_runs_inside_the_sandbox(wheel: Path) -> None:
    held = zipfile.ZipFile(wheel).namelist()
    assert "sandboxes/guest/worker.py" in held
    assert "agent/README.md" in held
    assert any(name.endswith("licenses/LICENSE") for name in held)


def _interpreter(version: str) -> str:
    pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    # pyenv's own first: its shims on the PATH answer only for versions that are switched on.
    return str(pyenv[-1]) if pyenv else shutil.which(f"python{version}") or version


@pytest.mark.parametrize(
    "version",
    [
        THIS_PYTHON,
        *(pytest.param(v, marks=pytest.mark.long) for v in ("3.11", "3.12", "3.13") if v != THIS_PYTHON),
    ],
)
def test_an_installed_ratchet_works_on_python(version: str, wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    _run(UV, "venv", "--quiet", "--python", _interpreter(version), venv)
    install = (UV, "pip", "install", "--quiet", "--python", venv / "bin" / "python")
    _run(*install, "--require-hashes", "-r", "requirements/run.txt")
    _run(*install, "--no-deps", wheel)
    ratchet = venv / "bin" / "ratchet"
    assert _run(ratchet, "--version") == "ratchet, version 0.1.0\n"
    said = json.loads(_run(ratchet, "doctor", "--json", RATCHET_STATE_DIR=str(tmp_path / "state")))
    assert said["sandbox_works"]
    assert f"Python {version}." in said["findings"][0]["detail"]


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "editors.txt", "node.txt"])
def test_the_lock_has_hashes_and_no_addresses(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text and "find-links" not in text
    entries = [block for block in re.split(r"\n(?=\S)", text) if block.strip()]
    assert all(
        re.match(rf"[a-z0-9._-]+{EXTRAS}==\S+", entry) and "--hash=sha256:" in entry for entry in entries
    )


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_the_lock_satisfies_what_the_project_asks_for(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    locked = dict(re.findall(rf"^([a-z0-9._-]+){EXTRAS}==([^\s;]+)", text, flags=re.MULTILINE))
    asked = list(PROJECT["project"]["dependencies"])
    if name == "dev.txt":
        asked += PROJECT["dependency-groups"]["dev"]
    for requirement in map(Requirement, asked):
        version = locked.get(canonicalize_name(requirement.name))
        assert version and requirement.specifier.contains(version), f"run `make lock`: {requirement}"


def test_the_running_tools_are_the_locked_ones() -> None:
    text = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    installed = json.loads(_run(UV, "pip", "list", "--python", sys.executable, "--format", "json"))
    locked = dict(re.findall(r"^([a-z0-9._-]+)==([^\s;]+)", text, flags=re.MULTILINE))
    differing = {
        one["name"]: one["version"]
        for one in installed
        if locked.get(canonicalize_name(one["name"]), one["version"]) != one["version"]
    }
    assert not differing, f"run `make setup`: {differing}"
