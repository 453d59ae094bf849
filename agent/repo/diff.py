"""The diff between two trees as text that reproduces every byte."""

import os

from agent.protocol.patch import Patch
from agent.repo.git import Git
from agent.repo.tree import Entry

_ABSENT = "000000"
_FLAGS = (
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--no-color",
    "--no-color-moved",
    "--no-relative",
    "--no-indent-heuristic",
    "--ignore-submodules=none",
    "--submodule=short",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--unified=3",
    "--inter-hunk-context=0",
    "--diff-algorithm=myers",
    "--full-index",
    "--binary",
)


def changed_paths(git: Git, old: str, new: str) -> tuple[str, ...]:
    """Return the paths that differ, in git's order; names that are not UTF-8 as surrogate escapes."""
    listed = git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new)
    return tuple(os.fsdecode(name) for name in listed.split(b"\0")[:-1])


def changed_entries(git: Git, old: str, new: str) -> dict[str, tuple[Entry | None, Entry | None]]:
    """Return what each path that differs is before and after, None where it is not there."""
    words = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new).split(b"\0")
    changed = {}
    for facts, name in zip(words[:-1:2], words[1::2], strict=True):
        old_mode, new_mode, old_blob, new_blob, _ = facts.decode("ascii").lstrip(":").split(" ")
        changed[os.fsdecode(name)] = (_entry(old_mode, old_blob), _entry(new_mode, new_blob))
    return changed


def _entry(mode: str, blob: str) -> Entry | None:
    return None if mode == _ABSENT else Entry(mode, blob)


def diff_trees(git: Git, binary: Git, old: str, new: str) -> Patch:
    """Return the patch from one tree to another; `binary` is git whose attributes call every file binary."""
    paths = changed_paths(git, old, new)
    text = _decoded(_diff(git, old, new, ())) if paths else ""
    if text is None:
        text = "".join(_file_diff(git, binary, old, new, path) for path in paths)
    return Patch(base=old, tree=new, diff=text, files=tuple(map(shown_path, paths)))


def shown_path(path: str) -> str:
    """Return a path as valid Unicode, with the bytes that are not UTF-8 as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _file_diff(git: Git, binary: Git, old: str, new: str, path: str) -> str:
    text = _decoded(_diff(git, old, new, (path,)))
    # Legacy encodings survive only as a binary patch, because a patch of ours is always text.
    return text if text is not None else _diff(binary, old, new, (path,)).decode("ascii")


def _diff(git: Git, old: str, new: str, paths: tuple[str, ...]) -> bytes:
    return git.run("diff-tree", "-r", "-p", *_FLAGS, old, new, "--", *paths)


def _decoded(diff: bytes) -> str | None:
    try:
        return diff.decode("utf-8")
    except UnicodeDecodeError:
        return None
