"""What builds of environments leave behind when their process is killed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from sandboxes.locks import unless_held
from sandboxes.owner import is_orphan


def reap_builds(state: Path) -> int:
    """Remove the folders of builds whose process is gone; returns how many."""
    return sweep_scratch(state) + sum(_removed(part) for part in _parts(state))


def sweep_scratch(state: Path) -> int:
    """Remove the scratch folders of processes that are gone; returns how many."""
    parent = state / "scratch"
    left = [folder for folder in parent.iterdir() if is_orphan(folder.name)] if parent.is_dir() else []
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _parts(state: Path) -> Iterator[Path]:
    """Yield the unfinished environments, `.KEY.PID.part`."""
    yield from (state / "environments").glob("*/.*.part")


def _removed(part: Path) -> bool:
    # Whoever builds holds the lock of the key, so that no process id has to be trusted.
    key = part.name.split(".")[1]
    with unless_held(part.with_name(f".{key}.lock")) as free:
        if free:
            shutil.rmtree(part, ignore_errors=True)
    return free
