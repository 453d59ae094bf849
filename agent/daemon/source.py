"""A file as a task found it, from our copy of the repository."""

from pathlib import Path

from agent.daemon.errors import FilesGone, FilesTooLarge, NoSuchFile
from agent.daemon.patch_files import MIB, copy_of
from agent.protocol.state import TaskState
from agent.repo.diff import shown_path

LARGEST = 4 * MIB


def source_file(state: TaskState, place: Path, machine: str, path: str) -> bytes:
    """Return a file of the task's base tree; `place` is the state directory.

    Raises NoSuchFile, also for links and folders, FilesGone, FilesTooLarge, and RepositoryError when the
    user's repository is not there.
    """
    if state.snapshot is None:
        raise NoSuchFile("the task has not begun, so it has no files", hint="ask again once it has")
    store, tree = copy_of(state, place, machine), state.snapshot.tree
    entry = store.entry(tree, path)
    size = store.sizes([entry.blob])[entry.blob] if entry is not None and entry.is_file else None
    if store.sizes([tree])[tree] is None or (entry is not None and entry.is_file and size is None):
        raise FilesGone("the files that this task began with were tidied away")
    if entry is None or size is None:
        raise NoSuchFile(f"the task began with no file {shown_path(path)}", hint="the path is from the top")
    if size > LARGEST:
        raise FilesTooLarge(
            f"{shown_path(path)} is larger than {LARGEST // MIB} MiB", hint="open it yourself"
        )
    return store.read_blobs([entry.blob])[entry.blob]
