"""Git repositories made by benchmarks, with plain git."""

import os
import subprocess
from pathlib import Path

_QUIET = {
    "GIT_AUTHOR_NAME": "Benchmark",
    "GIT_AUTHOR_EMAIL": "benchmark@example.org",
    "GIT_COMMITTER_NAME": "Benchmark",
    "GIT_COMMITTER_EMAIL": "benchmark@example.org",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


def git(repository: Path, *arguments: str) -> str:
    """Run git in a repository and return its output, undecodable bytes replaced."""
    done = subprocess.run(
        ["git", "-C", str(repository), *arguments],
        env={**os.environ, **_QUIET},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("utf-8", "replace")


def new_repository(target: Path) -> Path:
    """Commit everything in a folder as the first commit of a new repository."""
    git(target, "init", "-q", "-b", "main")
    git(target, "add", "-A")
    git(target, "commit", "-q", "-m", "start")
    return target
