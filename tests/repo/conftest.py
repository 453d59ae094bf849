"""Repositories made with the real git, away from the settings of whoever runs the tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repo.project import Project


@pytest.fixture(autouse=True)
def _no_identity_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[[str], Project]:
    """Make an empty repository of a given name."""
    return lambda name: Project(tmp_path / name, tmp_path / "state").init()


@pytest.fixture
def project(make_project: Callable[[str], Project]) -> Project:
    """Make a repository with one commit of two files."""
    made = make_project("project")
    made.write("a.py", "one\ntwo\nthree\n")
    made.write("pkg/b.py", "x = 1\n")
    made.commit("first")
    return made
