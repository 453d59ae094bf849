"""Repositories made with the real git, away from the settings of whoever runs the tests."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.repo.mirror import Mirror
from tests.repo.project import Project
from tests.repo.serving import GitServer, serving


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


@pytest.fixture
def server(tmp_path: Path, project: Project) -> Iterator[GitServer]:
    """Serve a bare copy of the project as acme/shop."""
    bare = tmp_path / "served" / "acme" / "shop.git"
    project.git("clone", "--quiet", "--bare", str(project.root), str(bare))
    project.git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=bare)
    project.git("config", "http.receivepack", "true", cwd=bare)
    with serving(tmp_path / "served") as running:
        yield running


@pytest.fixture
def bare(tmp_path: Path, server: GitServer) -> Path:
    """Return the repository that the forge has."""
    return server.directory / "acme" / "shop.git"


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    """Name the mirror of the served repository."""
    return Mirror.at(tmp_path / "state", "acme/shop")
