"""Copies of the user's index of git, from which git can tell without reading files which of them changed."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from agent.repo.git import Git

_PREFIX = "refreshed."


def copy_index(theirs: Path, git: Git) -> None:
    """Put the user's index where `git` has its own, refreshed once for as long as it stays what it is.

    In a clone that git has just made, files are as young as the index, so that each git process would read
    all of them to be sure ("racy git" in git's documentation), and we never write to the user's.
    """
    assert git.index is not None
    if any(theirs.parent.glob("sharedindex.*")):
        # One in parts would be kept without the other part, which git throws away after two weeks.
        shutil.copy2(theirs, git.index)
        return
    kept = git.git_dir / f"{_PREFIX}{_key(theirs)}"
    try:
        shutil.copy2(kept, git.index)
    except OSError:
        shutil.copy2(theirs, git.index)
        git.run("update-index", "-q", "--unmerged", "--ignore-submodules", "--refresh", ok=(0, 1))
        _keep(git.index, kept)


def _key(theirs: Path) -> str:
    found = theirs.stat()
    return f"{found.st_ino:x}.{found.st_size:x}.{found.st_mtime_ns:x}.{found.st_ctime_ns:x}"


def _keep(index: Path, kept: Path) -> None:
    # It only saves time, which a full disk must not stop anybody from spending.
    with suppress(OSError):
        for old in kept.parent.glob(f"{_PREFIX}*"):
            old.unlink(missing_ok=True)
        half = kept.with_name(f"{_PREFIX}half.{os.getpid()}")
        shutil.copy2(index, half)
        half.replace(kept)
