"""A user's repository made with the real git, and what lies in it byte by byte."""

import hashlib
import os
import subprocess
from pathlib import Path

from agent.repo.store import Store

_ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
    "GIT_ALLOW_PROTOCOL": "file",
}


class Project:
    """A user's repository below a temporary directory."""

    def __init__(self, root: Path, state: Path) -> None:
        self.root = root
        self.state = state

    def git(self, *args: str, stdin: bytes | None = None, cwd: Path | None = None) -> str:
        """Run the user's git; returns stdout without the last newline."""
        done = subprocess.run(
            ["git", *args],
            cwd=cwd or self.root,
            env=_ENVIRONMENT,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return os.fsdecode(done.stdout).removesuffix("\n")

    def init(self) -> "Project":
        """Make the repository, without a commit."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Ada Example")
        self.git("config", "user.email", "ada@example.org")
        return self

    def write(self, path: str, content: bytes | str) -> Path:
        """Write a file of the working tree."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def commit(self, message: str = "change") -> str:
        """Commit everything and return the commit id."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def store(self) -> Store:
        """Open the repository as Ratchet does."""
        return Store.open(self.root, self.state)

    def fingerprint(self) -> dict[str, tuple[str, int, int]]:
        """Return kind, content, mode and time stamp of everything below the root, `.git` included."""
        return {str(path.relative_to(self.root)): _state(path) for path in sorted(self.root.rglob("*"))}


def _state(path: Path) -> tuple[str, int, int]:
    status = path.lstat()
    if path.is_symlink():
        content = os.fsencode(path.readlink())
    else:
        content = path.read_bytes() if path.is_file() else b""
    return hashlib.sha256(content).hexdigest(), status.st_mode, status.st_mtime_ns
