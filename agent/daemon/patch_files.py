"""The files of a task's patch as they were and as it makes them, from our copy of the repository."""

from collections.abc import Collection, Mapping
from pathlib import Path

from agent.daemon.errors import FilesGone, FilesTooLarge
from agent.protocol.api import ChangedFile, TaskFiles
from agent.protocol.patch import Patch
from agent.protocol.report import shown
from agent.protocol.state import TaskState
from agent.repo.diff import shown_path
from agent.repo.store import Store
from agent.repo.tree import Entry

MIB = 1024 * 1024
LARGEST_FILE = 8 * MIB
LARGEST_SUM = 64 * MIB
_DIFF = "`ratchet tasks patch` has it as a diff"

Sides = tuple[Entry | None, Entry | None]


def patch_files(state: TaskState, place: Path, machine: str) -> bytes:
    """Return TaskFiles as JSON, empty without a patch; `place` is the state directory.

    Raises FilesGone, FilesTooLarge, and RepositoryError when the user's repository is not there.
    """
    patch, _ = shown(state)
    tree = state.snapshot.tree if state.snapshot else ""
    if patch is None:
        return _json(TaskFiles(base=tree, tree=tree, files=()))
    return _json(_files(copy_of(state, place, machine), patch))


def copy_of(state: TaskState, place: Path, machine: str) -> Store:
    """Open our copy of a task's repository; raises FilesGone, RepositoryError."""
    assert state.spec is not None
    if state.spec.machine not in (None, machine):
        raise FilesGone(
            f"the repository of this task is on {state.spec.machine}", hint="ask the daemon of that machine"
        )
    return Store.open(Path(state.spec.repository), place)


def _files(store: Store, patch: Patch) -> TaskFiles:
    _sizes(store, (patch.base, patch.tree))
    changed = store.changed_entries(patch.base, patch.tree)
    blobs = {entry.blob for sides in changed.values() for entry in sides if entry is not None}
    _refuse_large(_sizes(store, blobs), changed)
    content = store.read_blobs(blobs)
    files = tuple(_file(path, sides, content) for path, sides in changed.items())
    return TaskFiles(base=patch.base, tree=patch.tree, files=files)


def _sizes(store: Store, ids: Collection[str]) -> dict[str, int]:
    sizes = store.sizes(ids)
    if None in sizes.values():
        raise FilesGone("the files of this task's patch were tidied away", hint=_DIFF)
    return {one: size or 0 for one, size in sizes.items()}


def _refuse_large(sizes: Mapping[str, int], changed: Mapping[str, Sides]) -> None:
    each = {path: [sizes[side.blob] for side in sides if side] for path, sides in changed.items()}
    large = next((path for path, of in each.items() if max(of) > LARGEST_FILE), None)
    if large is not None:
        raise FilesTooLarge(f"{shown_path(large)} is larger than {LARGEST_FILE // MIB} MiB", hint=_DIFF)
    if sum(map(sum, each.values())) > LARGEST_SUM:
        raise FilesTooLarge(
            f"the files of this patch are larger than {LARGEST_SUM // MIB} MiB together", hint=_DIFF
        )


def _file(path: str, sides: Sides, content: Mapping[str, bytes]) -> ChangedFile:
    before, after = (None if side is None else content[side.blob] for side in sides)
    newer = sides[1] or sides[0]
    assert newer is not None
    return ChangedFile(path=shown_path(path), mode=newer.mode, before=before, after=after)


def _json(files: TaskFiles) -> bytes:
    return files.model_dump_json().encode()
