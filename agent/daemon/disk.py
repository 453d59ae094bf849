"""What Ratchet keeps on disk: one item for each thing that can be freed by itself."""

import contextlib
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.daemon.open_tasks import Needs, needs
from sandboxes.docker_disk import StoredImage, remove_image, stored_images

FOLDERS = ("environments", "roots", "repositories", "mirrors")
_PER_REPOSITORY = ("environments", "repositories")
_FORGE = "github"
"""The folder of the mirrors, and how tasks call a repository of that forge: `github:owner/name`."""
_IMAGES = "images"
_DAY = 24 * 3600
_OTHER = "caches"
_TASKS = frozenset(
    (
        *("foreground", "ratchet.db", "ratchet.db-wal", "ratchet.db-shm", "owners", "logs"),
        *("daemon.json", "daemon.sock", "daemon.lock", "tokens.json"),
    )
)
_LOGS = "the tasks and the daemon's own files stay; `ratchet tasks prune` removes finished tasks"


@dataclass(frozen=True, slots=True)
class Item:
    """Something on disk; `kept` says why it must not be freed now, empty when it may be."""

    kind: str
    name: str
    place: Path | StoredImage
    size: int
    """Bytes on disk."""
    used_at: int
    """Seconds since the epoch."""
    kept: str = ""


def survey(state: Path, now: float | None = None) -> list[Item]:
    """List everything below the state directory and in the Docker engine, kind by kind."""
    moment = time.time() if now is None else now
    seen: set[tuple[int, int]] = set()
    needed = needs(state, moment)
    ours = _ids(state, needed)
    items = [*_folders(state, seen), *_images()]
    return [item if item.kept else replace(item, kept=_why_kept(item, needed, ours)) for item in items]


def outdated(items: Sequence[Item], *, days: float, size: int | None, now: float) -> list[Item]:
    """Return what may go: unused for `days`, then the least recently used until `size` bytes are left."""
    free = sorted((item for item in items if not item.kept), key=lambda item: item.used_at)
    left = sum(item.size for item in items)
    chosen = []
    for item in free:
        if now - item.used_at >= days * _DAY or (size is not None and left > size):
            chosen.append(item)
            left -= item.size
    return chosen


def free(item: Item, state: Path) -> bool:
    """Remove an item; False when something still uses it."""
    if isinstance(item.place, StoredImage):
        return remove_image(item.place)
    # Whoever looks it up meanwhile finds either the whole or nothing.
    trash = state / f".trash-{uuid.uuid4().hex}"
    item.place.rename(trash)
    if trash.is_dir() and not trash.is_symlink():
        for folder in _directories(trash):
            folder.chmod(0o700)
        shutil.rmtree(trash)
    else:
        trash.unlink()
    return True


def _why_kept(item: Item, needed: Needs, ours: frozenset[str]) -> str:
    if not needed.reason or needed.repositories is None:
        return needed.reason
    if item.kind == "mirrors":
        return needed.reason if _mirrored(item.name) in _folded(needed) else ""
    if item.kind in _PER_REPOSITORY:
        return needed.reason if item.name.split("/")[0] in ours else ""
    # Whatever an open task uses was marked as used when the task took it.
    return needed.reason if item.used_at >= needed.since - _DAY else ""


def _ids(state: Path, needed: Needs) -> frozenset[str]:
    """Return the names under which our copies of the needed repositories lie."""
    wanted = needed.repositories or frozenset()
    files = (state / "repositories").glob("*/root")
    known = {path: Path(os.fsdecode(path.read_bytes().rstrip(b"\n"))) for path in files}
    mirrors, folded = state / "mirrors", _folded(needed)
    return frozenset(
        path.parent.name
        for path, root in known.items()
        if str(root) in wanted
        or (root.is_relative_to(mirrors) and _mirrored(str(root.relative_to(mirrors))) in folded)
    )


def _folded(needed: Needs) -> frozenset[str]:
    return frozenset(one.lower() for one in needed.repositories or ())


def _mirrored(name: str) -> str:
    """Return how tasks call the repository of a mirror, given as `github/owner/name` or `…/name+12`."""
    return f"{_FORGE}:{name.removeprefix(f'{_FORGE}/').partition('+')[0]}"


def _directories(root: Path) -> Iterator[Path]:
    # Built environments are read-only, which would keep us from emptying them.
    yield root
    for path in root.iterdir():
        if path.is_dir() and not path.is_symlink():
            yield from _directories(path)


def _folders(state: Path, seen: set[tuple[int, int]]) -> Iterator[Item]:
    for kind in FOLDERS:
        for one in _below(state / kind, _DEPTHS.get(kind, 1)):
            yield _item(kind, one, str(one.relative_to(state / kind)), seen)
    for path in _things(state / "logs"):
        if path.suffix != ".log":
            yield _item("logs", path, path.name, seen)
    for path in _things(state):
        if path.name in FOLDERS:
            continue
        item = _item(_OTHER, path, path.name, seen)
        ours = path.name in _TASKS or path.name.startswith("owners-")
        yield replace(item, kind="tasks", kept=_LOGS) if ours else item


_DEPTHS = {"environments": 2, "mirrors": 3}
"""Environments lie below the repository that they belong to, mirrors below forge and owner."""


def _below(folder: Path, depth: int) -> Iterator[Path]:
    for path in _things(folder):
        yield from [path] if depth == 1 else _below(path, depth - 1)


def _images() -> Iterator[Item]:
    for image in stored_images():
        yield Item(_IMAGES, image.tag or image.id, image, image.size, image.created)


def _item(kind: str, path: Path, name: str, seen: set[tuple[int, int]]) -> Item:
    times = [int(facts.st_mtime) for one in (path, *_entries(path)) if (facts := _facts(one))]
    return Item(kind, name, path, _size(path, seen), max(times, default=0))


def _size(path: Path, seen: set[tuple[int, int]]) -> int:
    """Return the bytes that a file or folder takes; a file with many names counts once."""
    paths = [path]
    for folder, folders, files in os.walk(path):
        paths += [Path(folder, name) for name in (*folders, *files)]
    size = 0
    for one in paths:
        facts = _facts(one)
        if facts and (facts.st_dev, facts.st_ino) not in seen:
            seen.add((facts.st_dev, facts.st_ino))
            size += facts.st_blocks * 512
    return size


def _facts(path: Path) -> os.stat_result | None:
    # A running task may remove what is being listed.
    with contextlib.suppress(OSError):
        return path.lstat()
    return None


def _things(folder: Path) -> list[Path]:
    # A lock stays: removing it under a holder would let a second one in.
    return [path for path in _entries(folder) if path.suffix != ".lock"]


def _entries(folder: Path) -> list[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(folder.iterdir())
