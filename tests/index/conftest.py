"""A git repository to index, made by plain git."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.index.code_index import CodeIndex
from agent.index.snapshot import SnapshotView
from agent.repo.store import Store

_IDENTITY = {
    "GIT_AUTHOR_NAME": "Test",
    "GIT_AUTHOR_EMAIL": "test@example.org",
    "GIT_COMMITTER_NAME": "Test",
    "GIT_COMMITTER_EMAIL": "test@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


class Project:
    """A repository in a folder, and its index in another."""

    def __init__(self, root: Path, state: Path) -> None:
        self.root = root
        self.state = state
        self.index: CodeIndex | None = None

    def git(self, *arguments: str) -> str:
        """Run git and return what it prints."""
        done = subprocess.run(
            ["git", "-c", "protocol.file.allow=always", *arguments],
            cwd=self.root,
            env={**os.environ, **_IDENTITY},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def write(self, files: dict[str, str | bytes]) -> None:
        """Write files of the working tree."""
        for path, content in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, files: dict[str, str | bytes], message: str = "change") -> str:
        """Commit files with everything else that changed; returns the commit."""
        self.write(files)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def open(self) -> CodeIndex:
        """Open the index, once."""
        if self.index is None:
            self.index = CodeIndex(Store.open(self.root, self.state))
        return self.index

    def reopen(self, seconds: float | None = None) -> CodeIndex:
        """Open the index anew."""
        self.close()
        store = Store.open(self.root, self.state)
        self.index = CodeIndex(store) if seconds is None else CodeIndex(store, seconds=seconds)
        return self.index

    def close(self) -> None:
        """Close the index."""
        if self.index is not None:
            self.index.close()
        self.index = None

    def view(self, revision: str | None = None) -> SnapshotView:
        """Return the working tree or a revision, indexed."""
        return self.open().view(revision)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Yield an empty repository with one commit."""
    root = tmp_path / "project"
    root.mkdir()
    made = Project(root, tmp_path / "state")
    made.git("init", "-q", "-b", "main")
    made.commit({"README.md": "# Project\n"})
    yield made
    made.close()
