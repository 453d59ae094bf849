"""The user's working tree as a git tree of ours; nothing of theirs is written, nothing of it runs."""

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.patches.paths import is_git_alias
from agent.protocol.errors import RepositoryError
from agent.repo.git import Git
from agent.repo.lfs import is_same_content
from agent.repo.objects import Objects
from agent.repo.tree import SUBMODULE, read_blobs, scratch_index

_LARGEST = 100 * 1024 * 1024
_NAMED = 5


@dataclass(slots=True)
class Warnings:
    """What the tree leaves out, gathered as one sentence for each reason."""

    paths: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, path: str) -> None:
        """Remember that a path is affected for a reason."""
        self.paths.setdefault(reason, []).append(os.fsencode(path).decode("utf-8", "backslashreplace"))

    def sentences(self) -> tuple[str, ...]:
        """Return one sentence for each reason, naming the first paths."""
        return tuple(f"{reason}: {_listed(paths)}" for reason, paths in self.paths.items())


def working_tree(objects: Objects, head: str) -> tuple[str, tuple[str, ...]]:
    """Return the tree of tracked and untracked, not ignored files, and what was left out."""
    with scratch_index(objects.ours) as index:
        there = objects.ours.on(objects.source.root, index, _settings(objects))
        _copy_index(objects, there, head)
        warnings = Warnings()
        paths = _to_record(objects, there, warnings)
        _record(there, paths)
        tree = there.text("write-tree", "--missing-ok")
    _bring_staged(objects, head, tree)
    return tree, warnings.sentences()


def _record(git: Git, paths: Iterable[str]) -> None:
    try:
        git.run("update-index", "--add", "--remove", "-z", "--stdin", stdin=_joined(paths))
    except RepositoryError as error:
        raise RepositoryError(
            f"the working tree cannot be recorded: {error.message}",
            hint="repair that file, or take HEAD with --clean",
            log=error.log,
        ) from error


def as_checked_out(objects: Objects, blobs: dict[str, str]) -> dict[str, bytes]:
    """Return the bytes that a checkout would write for blobs by path: line endings and encodings applied."""
    with scratch_index(objects.ours) as index:
        there = objects.ours.on(objects.source.root, index, _settings(objects))
        return {
            path: there.run("cat-file", "--filters", f"--path={path}", blob) for path, blob in blobs.items()
        }


def behind_filters(objects: Objects, paths: Sequence[str]) -> list[str]:
    """Return the paths that the user's git would send through a filter."""
    return list(_filtered(objects, paths))


def _settings(objects: Objects) -> dict[str, str]:
    ignore = {"core.excludesFile": str(objects.config.excludes_file())}
    return {**objects.ours.settings, **objects.config.harmless(), **ignore, "core.safecrlf": "false"}


def _copy_index(objects: Objects, git: Git, head: str) -> None:
    source, index = objects.source.git_dir / "index", git.index
    assert index is not None
    for shared in objects.source.git_dir.glob("sharedindex.*"):
        shutil.copy2(shared, objects.ours.git_dir / shared.name)
    if not source.exists():
        git.run("read-tree", head)
        return
    # The copy keeps its time stamp: git compares it with those of the files to find racy ones.
    shutil.copy2(source, index)
    hidden = [path for path, tag in _tags(git) if tag.islower()]
    git.run("update-index", "--no-assume-unchanged", "-z", "--stdin", stdin=_joined(hidden))


def _tags(git: Git) -> list[tuple[str, str]]:
    listed = git.run("ls-files", "-v", "-z").split(b"\0")[:-1]
    return [(os.fsdecode(item[2:]), chr(item[0])) for item in listed]


def _to_record(objects: Objects, git: Git, warnings: Warnings) -> list[str]:
    changed, unmerged = _changed(git, warnings)
    untracked = _untracked(objects, git, warnings)
    filtered = _filtered(objects, [*changed, *untracked])
    kept = _kept_filtered(objects, {path: changed.get(path, "") for path in filtered}, warnings)
    candidates = (path for path in (*changed, *unmerged, *untracked) if path not in kept)
    return [path for path in candidates if _is_recordable(objects.source.root / path, path, warnings)]


def _changed(git: Git, warnings: Warnings) -> tuple[dict[str, str], set[str]]:
    """Return the index blobs of changed and removed paths, and the paths in conflict."""
    for path in _submodules(git):
        warnings.add("submodules are not entered", path)
    records = git.run("diff-files", "-z", "--raw", "--no-renames", "--ignore-submodules=all")
    fields = records.split(b"\0")[:-1]
    changed: dict[str, str] = {}
    unmerged: set[str] = set()
    for meta, name in zip(fields[::2], fields[1::2], strict=True):
        mode, _, blob, _, status = meta.decode("ascii").removeprefix(":").split(" ")
        if status == "U":
            unmerged.add(os.fsdecode(name))
        elif mode != SUBMODULE:
            changed[os.fsdecode(name)] = blob if blob.strip("0") else ""
    return {path: blob for path, blob in changed.items() if path not in unmerged}, unmerged


def _submodules(git: Git) -> list[str]:
    listed = git.run("ls-files", "--stage", "-z").split(b"\0")[:-1]
    return [os.fsdecode(i.partition(b"\t")[2]) for i in listed if i.startswith(SUBMODULE.encode())]


def _untracked(objects: Objects, git: Git, warnings: Warnings) -> list[str]:
    excludes = ["--exclude-standard", "--exclude-from", str(objects.source.common_dir / "info" / "exclude")]
    if not Path(excludes[-1]).is_file():
        excludes = excludes[:1]
    if objects.home.is_relative_to(objects.source.root):
        excludes.append(f"--exclude=/{objects.home.relative_to(objects.source.root)}/")
    listed = git.run("ls-files", "-z", "--others", *excludes).split(b"\0")[:-1]
    paths = [os.fsdecode(item) for item in listed]
    for path in paths:
        if path.endswith("/"):
            warnings.add("nested repositories are left out", path.rstrip("/"))
    return [path for path in paths if not path.endswith("/")]


def _filtered(objects: Objects, paths: Sequence[str]) -> dict[str, str]:
    """Return the filter of every path that the user's git would send through one."""
    if not paths or not objects.config.filters():
        return {}
    view = replace(objects.view, work_tree=objects.source.root)
    fields = view.run("check-attr", "-z", "--stdin", "filter", stdin=_joined(paths)).split(b"\0")[:-1]
    found = zip(fields[::3], fields[2::3], strict=True)
    filters = {os.fsdecode(name): os.fsdecode(value) for name, value in found}
    return {path: name for path, name in filters.items() if name in objects.config.filters()}


def _kept_filtered(objects: Objects, blobs: dict[str, str], warnings: Warnings) -> frozenset[str]:
    # A filter is a program of the repository's choice, so what it would store is not known here.
    present = {path: blob for path, blob in blobs.items() if os.path.lexists(objects.source.root / path)}
    stored = read_blobs(objects.view, (blob for blob in present.values() if blob))
    for path, blob in present.items():
        if not blob:
            warnings.add("files behind a filter are left out", path)
        elif not is_same_content(stored[blob], objects.source.root / path):
            warnings.add("files behind a filter are taken as committed", path)
    return frozenset(present)


def _is_recordable(file: Path, path: str, warnings: Warnings) -> bool:
    if any(map(is_git_alias, path.split("/"))):
        warnings.add("files that some systems take for git's own are left out", path)
        return False
    try:
        status = file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    if stat.S_ISLNK(status.st_mode):
        return True
    if stat.S_ISDIR(status.st_mode):
        # A directory took the place of a tracked file; what is in it is listed by itself.
        return not os.path.lexists(file / ".git")
    if not stat.S_ISREG(status.st_mode):
        warnings.add("special files are left out", path)
    elif status.st_size > _LARGEST:
        warnings.add("files above 100 MB are left out", path)
    elif not os.access(file, os.R_OK):
        warnings.add("unreadable files are left out", path)
    else:
        return True
    return False


def _bring_staged(objects: Objects, head: str, tree: str) -> None:
    """Copy the blobs that the user staged and we never hashed, because their files are unchanged since."""
    records = objects.ours.run("diff-tree", "-r", "-z", "--no-renames", head, tree).split(b"\0")[::2]
    words = [record.decode("ascii").split(" ") for record in records if record]
    blobs = {word[3] for word in words if word[1] != SUBMODULE and word[3].strip("0")}
    known = objects.ours.run("cat-file", "--batch-check", stdin=_lines(blobs)).decode("ascii").splitlines()
    missing = [line.split(" ")[0] for line in known if line.endswith(" missing")]
    if missing:
        pack = objects.view.run("pack-objects", "--stdout", "-q", stdin=_lines(missing))
        objects.ours.run("unpack-objects", "-q", stdin=pack)


def _joined(paths: Iterable[str]) -> bytes:
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def _lines(ids: Iterable[str]) -> bytes:
    return "".join(f"{item}\n" for item in ids).encode("ascii")


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(paths[:_NAMED]) + more
