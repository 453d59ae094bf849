"""Lock files of git that outlived their process: SIGKILL leaves them, and git never removes them."""

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

PATIENCE = 5.0
"""Seconds that a git which outlived its parent gets to end by itself."""
_TICK = 0.1


def clear_locks(git_dir: Path) -> None:
    """Remove what a killed git left in a repository of ours; the caller keeps all others out of it."""
    refs = (path for path in git_dir.glob("refs/**/*.lock"))
    # Each index file has a process of its own.
    plain = (path for path in git_dir.glob("*.lock") if not path.name.startswith("index."))
    outlast([*refs, *plain])


def outlast(locks: Iterable[Path]) -> None:
    """Wait until lock files are gone, and remove those that stay."""
    left = {path: identity for path in locks if (identity := _identity(path)) is not None}
    end = time.monotonic() + PATIENCE
    while left and time.monotonic() < end:
        time.sleep(_TICK)
        left = {path: identity for path, identity in left.items() if _identity(path) == identity}
    for path in left:
        path.unlink(missing_ok=True)


def _identity(path: Path) -> tuple[int, int, int] | None:
    with contextlib.suppress(OSError):
        facts = path.lstat()
        return facts.st_dev, facts.st_ino, facts.st_mtime_ns
    return None
