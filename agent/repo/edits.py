"""Edits on a tree: checked against what it holds, then all of them or none."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from agent.patches.paths import checked_path
from agent.patches.splice import apply_splices
from agent.protocol.edit import Create, Delete, Edit, Splice
from agent.protocol.errors import PatchRefused
from agent.repo.git import Git
from agent.repo.tree import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, Entry, read_blobs, write_blob

_NOT_FILES = {SYMLINK: "a symbolic link", SUBMODULE: "a submodule"}


def changes_of(
    git: Git, entries: dict[str, Entry], edits: Sequence[Edit], known: Mapping[str, bytes]
) -> dict[str, Entry | None]:
    """Return what the edits make of a tree's entries; `known` are blobs by id. Raises PatchRefused."""
    for edit in edits:
        checked_path(edit.path)
        _refuse_parents(entries, edit.path)
    grouped = _by_path(edits)
    contents = _contents(git, entries, grouped, known)
    changes = {
        path: _change(git, entries.get(path), contents.get(path), group) for path, group in grouped.items()
    }
    _refuse_directories(entries, changes)
    return changes


def _by_path(edits: Sequence[Edit]) -> dict[str, list[Edit]]:
    ordered = sorted(edits, key=lambda edit: edit.path)
    grouped = {path: list(group) for path, group in groupby(ordered, key=lambda edit: edit.path)}
    for path, group in grouped.items():
        if len(group) > 1 and not all(isinstance(edit, Splice) for edit in group):
            raise PatchRefused(f"{path}: it is created or deleted and edited at once")
    return grouped


def _contents(
    git: Git, entries: dict[str, Entry], paths: Iterable[str], known: Mapping[str, bytes]
) -> dict[str, bytes]:
    found = {path: entries[path] for path in paths if path in entries}
    for path, entry in found.items():
        if not entry.is_file:
            raise PatchRefused(f"{path} is {_NOT_FILES.get(entry.mode, 'not a file')}")
    missing = read_blobs(git, (entry.blob for entry in found.values() if entry.blob not in known))
    blobs = {**known, **missing}
    return {path: blobs[entry.blob] for path, entry in found.items()}


def _change(git: Git, entry: Entry | None, content: bytes | None, group: list[Edit]) -> Entry | None:
    first = group[0]
    if isinstance(first, Create):
        if entry is not None:
            raise PatchRefused(f"{first.path} exists already", hint="edit it instead of creating it")
        mode = EXECUTABLE if first.executable else REGULAR
        return Entry(mode, write_blob(git, first.content))
    if entry is None or content is None:
        raise PatchRefused(f"{first.path} is not in the tree", hint="create it, or correct the path")
    if isinstance(first, Delete):
        if first.old != content:
            raise PatchRefused(f"{first.path} does not hold the bytes that were to be deleted")
        return None
    splices = [edit for edit in group if isinstance(edit, Splice)]
    return Entry(entry.mode, write_blob(git, apply_splices(content, splices)))


def _refuse_parents(entries: dict[str, Entry], path: str) -> None:
    parts = path.split("/")
    for length in range(1, len(parts)):
        parent = "/".join(parts[:length])
        if parent in entries:
            kind = _NOT_FILES.get(entries[parent].mode, "a file")
            raise PatchRefused(f"{path} cannot be edited: {parent} is {kind}")


def _refuse_directories(entries: dict[str, Entry], changes: dict[str, Entry | None]) -> None:
    created = [path for path, change in changes.items() if change is not None and path not in entries]
    paths = entries.keys() | set(created)
    for path in created:
        if any(other.startswith(f"{path}/") for other in paths):
            raise PatchRefused(f"{path} is a directory")
