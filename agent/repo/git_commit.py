"""Commits in our own repository, made by GitPython: nothing is signed, no hook and no process runs."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.repo.git import git_binary
from agent.repo.identity import Identity


@dataclass(frozen=True, slots=True)
class NewCommit:
    """What a commit says; `seconds` since the epoch, written as UTC."""

    tree: str
    parents: Sequence[str]
    message: str
    author: Identity
    committer: Identity
    seconds: int


def store_commit(git_dir: Path, new: NewCommit) -> str:
    """Store a commit in a repository of ours and return its id; no ref moves."""
    # GitPython starts `git version` when it is imported; it has to be the git that we chose.
    os.environ.setdefault("GIT_PYTHON_GIT_EXECUTABLE", git_binary())
    import git  # noqa: PLC0415 - 80 ms that only commits need to pay

    class OwnRepository(git.Repo):
        """Our object directory and no configuration, whatever `GIT_*` the caller's environment has."""

        def __init__(self) -> None:
            self.git_dir = self._common_dir = str(git_dir)
            self.odb = git.GitDB(str(git_dir / "objects"))
            self.git = git.Git()

        def config_reader(self, config_level: str | None = None) -> git.GitConfigParser:
            return git.GitConfigParser([], read_only=True)

    date = f"{new.seconds} +0000"
    with OwnRepository() as repository:
        commit = git.Commit.create_from_tree(
            repository,
            git.Tree(repository, bytes.fromhex(new.tree)),
            new.message,
            parent_commits=[git.Commit(repository, bytes.fromhex(parent)) for parent in new.parents],
            author=git.Actor(new.author.name, new.author.email),
            committer=git.Actor(new.committer.name, new.committer.email),
            author_date=date,
            commit_date=date,
        )
        return commit.hexsha
