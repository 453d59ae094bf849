"""Git trees of ours: list, read and write them without a working tree."""

import os
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from agent.protocol.errors import RepositoryError
from agent.repo.git import Git

REGULAR = "100644"
EXECUTABLE = "100755"
SYMLINK = "120000"
SUBMODULE = "160000"


@dataclass(frozen=True, slots=True)
class Entry:
    """One path of a tree: git's mode, and a blob id (a commit id for a submodule)."""

    mode: str
    blob: str

    @property
    def is_file(self) -> bool:
        """Return whether this is a regular file, executable or not."""
        return self.mode in (REGULAR, EXECUTABLE)


Changes = Mapping[str, Entry | bytes | None]


def list_tree(git: Git, tree: str) -> dict[str, Entry]:
    """Return every path of a tree; names that are not UTF-8 come as surrogate escapes."""
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", tree)
    entries: dict[str, Entry] = {}
    for record in listed.split(b"\0")[:-1]:
        meta, _, name = record.partition(b"\t")
        mode, _, blob = meta.decode("ascii").split(" ")
        entries[os.fsdecode(name)] = Entry(mode, blob)
    return entries


def find_entry(git: Git, tree: str, path: str) -> Entry | None:
    """Return what one path of a tree is, None where there is nothing; a folder has the mode of a tree."""
    code, listed = git.outcome("ls-tree", "-z", "--full-tree", "--end-of-options", tree, path, ok=(0, 128))
    for record in listed.split(b"\0")[:-1] if code == 0 else ():
        meta, _, name = record.partition(b"\t")
        mode, _, blob = meta.decode("ascii").split(" ")
        if name == os.fsencode(path):
            return Entry(mode, blob)
    return None


def read_blobs(git: Git, blobs: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of blobs by id; raises RepositoryError when one is missing."""
    wanted = list(dict.fromkeys(blobs))
    if not wanted:
        return {}
    with tempfile.TemporaryFile() as ids:
        ids.write("".join(f"{blob}\n" for blob in wanted).encode("ascii"))
        ids.seek(0)
        return dict(_batch(git, ids))


def object_sizes(git: Git, ids: Iterable[str]) -> dict[str, int | None]:
    """Return the bytes of objects by id, None for one that is not there."""
    wanted = list(dict.fromkeys(ids))
    asked = "".join(f"{one}\n" for one in wanted).encode("ascii")
    told = git.text("cat-file", "--batch-check=%(objectsize)", stdin=asked).splitlines()
    return {one: int(size) if size.isdigit() else None for one, size in zip(wanted, told, strict=True)}


def write_blob(git: Git, content: bytes) -> str:
    """Store bytes exactly as they are; returns the blob id."""
    return git.text("hash-object", "-w", "--no-filters", "--stdin", stdin=content)


def write_tree(git: Git, entries: Mapping[str, Entry], changes: Changes) -> str:
    """Return the id of the tree that has `changes` laid over `entries`."""
    _refuse_clashes(entries, changes)
    after = {**entries, **{path: _entry(git, entries.get(path), change) for path, change in changes.items()}}
    # Git sorts what is not in order; what a tree listed is, but for paths that are new.
    lines = (f"{one.mode} {one.blob}\t{path}\0" for path, one in after.items() if one is not None)
    listed = os.fsencode("".join(lines))
    with scratch_index(git) as index:
        there = replace(git, index=index)
        # All of it, into an empty index: reading the tree first would be one more process.
        there.run("update-index", "-z", "--index-info", stdin=listed)
        return there.text("write-tree", "--missing-ok")


@contextmanager
def scratch_index(git: Git) -> Iterator[Path]:
    """Yield the path of an index file that goes away with its lock when the block ends."""
    path = git.git_dir / f"index.{uuid.uuid4().hex}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.lock").unlink(missing_ok=True)


def _batch(git: Git, ids: IO[bytes]) -> Iterator[tuple[str, bytes]]:
    buffer = bytearray()
    header: tuple[str, int] | None = None
    for chunk in git.stream("cat-file", "--batch", stdin=ids):
        buffer += chunk
        while True:
            if header is None:
                header = _header(buffer)
            if header is None or len(buffer) <= header[1]:
                break
            yield header[0], bytes(buffer[: header[1]])
            del buffer[: header[1] + 1]
            header = None


def _header(buffer: bytearray) -> tuple[str, int] | None:
    end = buffer.find(b"\n")
    if end < 0:
        return None
    words = buffer[:end].decode("utf-8", "replace").split(" ")
    if len(words) != 3:
        raise RepositoryError(f"object {words[0]} is missing", hint="run `git fsck`")
    del buffer[: end + 1]
    return words[0], int(words[2])


def _entry(git: Git, old: Entry | None, change: Entry | bytes | None) -> Entry | None:
    if not isinstance(change, bytes):
        return change
    return Entry(old.mode if old else REGULAR, write_blob(git, change))


def _refuse_clashes(entries: Mapping[str, Entry], changes: Changes) -> None:
    # git would silently drop a file whose name a new directory takes, or the other way round.
    added = {path for path, change in changes.items() if change is not None and path not in entries}
    removed = {path for path, change in changes.items() if change is None}
    kept = (entries.keys() | added) - removed
    for path in added:
        parents = [parent.as_posix() for parent in Path(path).parents]
        if any(parent in kept for parent in parents):
            raise RepositoryError(f"{path} cannot be added below a file")
        if any(other.startswith(f"{path}/") for other in kept):
            raise RepositoryError(f"{path} cannot be added where a directory is")
