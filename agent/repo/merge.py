"""Three-way merge of trees, path by path and then line by line."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.protocol.errors import RepositoryError
from agent.repo.git import Git
from agent.repo.store import Store
from agent.repo.tree import Entry


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged tree, or the paths in which both sides changed the same place."""

    tree: str
    conflicts: tuple[str, ...] = ()


def merge_trees(store: Store, base: str, ours: str, theirs: str) -> Merged:
    """Bring the change from base to theirs onto ours; `tree` is ours when there is a conflict."""
    if ours == base:
        return Merged(theirs)
    old, mine, new = store.list(base), store.list(ours), store.list(theirs)
    changes: dict[str, Entry | bytes | None] = {}
    conflicts: list[str] = []
    for path in store.changed(base, theirs):
        if mine.get(path) == new.get(path):
            continue
        if mine.get(path) == old.get(path):
            changes[path] = new.get(path)
        elif (content := _merge_file(store, old.get(path), mine.get(path), new.get(path))) is not None:
            changes[path] = content
        else:
            conflicts.append(path)
    if conflicts:
        return Merged(ours, tuple(conflicts))
    return _write(store, ours, changes)


def _write(store: Store, ours: str, changes: Mapping[str, Entry | bytes | None]) -> Merged:
    try:
        return Merged(store.write(ours, changes))
    except RepositoryError as error:
        # One side has a file where the other has a directory.
        if error.log:
            raise
        return Merged(ours, tuple(changes))


def _merge_file(store: Store, old: Entry | None, mine: Entry | None, new: Entry | None) -> bytes | None:
    if old is None or mine is None or new is None:
        return None
    if not (old.is_file and mine.is_file and new.is_file) or not old.mode == mine.mode == new.mode:
        return None
    blobs = store.read_blobs([mine.blob, old.blob, new.blob])
    return _merge_lines(store.objects.ours, [blobs[entry.blob] for entry in (mine, old, new)])


def _merge_lines(git: Git, contents: list[bytes]) -> bytes | None:
    with tempfile.TemporaryDirectory() as directory:
        files = [Path(directory) / name for name in ("ours", "base", "theirs")]
        for file, content in zip(files, contents, strict=True):
            file.write_bytes(content)
        # Above the number of conflicts, git means that a file is binary.
        codes = range(256)
        code, out = git.outcome("merge-file", "-p", "-q", *map(str, files), ok=codes)
    return out if code == 0 else None
