"""Git is started with our binary, our settings and nothing of the caller's environment."""

import os
from pathlib import Path

import pytest

from agent.protocol.errors import RepositoryError
from agent.repo.git import Git, environment, git_binary
from tests.repo.project import Project


def test_the_binary_is_absolute_and_never_taken_from_a_relative_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".::{os.environ['PATH']}")
    git_binary.cache_clear()
    assert Path(git_binary()).is_absolute() and Path(git_binary()).parent != tmp_path


def test_no_variable_of_the_caller_is_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_EXTERNAL_DIFF", "LD_PRELOAD", "GIT_TRACE", "http_proxy", "SECRET_TOKEN"):
        monkeypatch.setenv(name, "evil")
    seen = environment({"GIT_DIR": "/ours"})
    assert "evil" not in seen.values()
    assert seen["GIT_DIR"] == "/ours"
    assert seen["GIT_CONFIG_GLOBAL"] == "/dev/null"


def test_a_failure_says_in_one_printable_sentence_what_git_said(project: Project) -> None:
    git = Git(project.root / ".git")
    with pytest.raises(RepositoryError, match="git cat-file failed: fatal: ") as caught:
        git.run("cat-file", "-p", "no\x1b[2Jwhere")
    assert caught.value.message.isprintable()
    with pytest.raises(RepositoryError):
        list(git.stream("cat-file", "-p", "nowhere"))


def test_arguments_are_never_seen_by_a_shell(project: Project, tmp_path: Path) -> None:
    git = Git(project.root / ".git")
    evil = f"$(touch {tmp_path}/ran); touch {tmp_path}/ran"
    assert not git.succeeds("rev-parse", "--verify", "--end-of-options", evil)
    assert not (tmp_path / "ran").exists()


def test_only_known_values_of_harmless_settings_reach_our_git(project: Project) -> None:
    project.git("config", "core.autocrlf", "input")
    project.git("config", "core.eol", "!touch x")
    project.git("config", "core.fsmonitor", "touch x")
    project.git("config", "core.worktree", "/")
    config = project.store().objects.config
    assert config.harmless() == {"core.autocrlf": "input", "core.filemode": "true"}


def test_a_configuration_that_cannot_be_read_is_named_with_a_remedy(project: Project) -> None:
    (project.root / ".git/config").write_text("[broken\n")
    with pytest.raises(RepositoryError, match="config is not readable") as caught:
        project.store()
    assert "git config --file" in caught.value.hint


def test_state_directories_with_odd_names_work(project: Project, tmp_path: Path) -> None:
    odd = Project(project.root, tmp_path / 'a state\'s "dir" $(x) ünï\n')
    assert odd.store().snapshot().tree == project.git("rev-parse", "HEAD^{tree}")
