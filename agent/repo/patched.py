"""A unified diff put on a tree as `git apply` does it, in an index of ours; no checkout is touched."""

import os
from dataclasses import replace

from agent.patches.paths import checked_path, is_git_alias
from agent.protocol.errors import PatchRefused, RepositoryError
from agent.repo.diff import changed_entries
from agent.repo.git import Git
from agent.repo.tree import SUBMODULE, SYMLINK, Entry, read_blobs, scratch_index

_HINT = "make the diff with `git diff --full-index --binary` from the very files it is to be put on"


def patched(git: Git, tree: str, diff: str) -> str:
    """Return the tree with a diff on it; one of blanks alone changes nothing.

    Raises PatchRefused when it does not fit, or touches what no patch may: see `agent.patches.paths`,
    submodules, and links that lead out of the tree.
    """
    if not diff.strip():
        return tree
    with scratch_index(git) as index:
        there = replace(git, index=index)
        there.run("read-tree", tree)
        _apply(there, os.fsencode(diff))
        made = there.text("write-tree", "--missing-ok")
    changed = changed_entries(git, tree, made)
    for path, (before, after) in changed.items():
        checked_path(path)
        if SUBMODULE in {side.mode for side in (before, after) if side is not None}:
            raise PatchRefused(f"{path} is a submodule", hint="change it in its own repository")
    _refuse_links(git, {path: after for path, (_, after) in changed.items()})
    return made


def _apply(git: Git, diff: bytes) -> None:
    try:
        git.run("apply", "--cached", "--whitespace=nowarn", "-", stdin=diff)
    except RepositoryError as error:
        said = error.message.removeprefix("git apply failed: ").removeprefix("error: ")
        raise PatchRefused(f"the diff does not apply: {said}", hint=_HINT, log=error.log) from None


def _refuse_links(git: Git, entries: dict[str, Entry | None]) -> None:
    links = {path: entry.blob for path, entry in entries.items() if entry and entry.mode == SYMLINK}
    targets = read_blobs(git, links.values())
    for path, blob in links.items():
        if not _stays_inside(path, os.fsdecode(targets[blob])):
            raise PatchRefused(
                f"{path} is a link that leads out of the tree", hint="leave it out of the diff"
            )


def _stays_inside(path: str, target: str) -> bool:
    parts = [part for part in target.split("/") if part not in ("", ".")]
    named = [part for part in parts if part != ".."]
    upwards = len(parts) - len(named)
    # Up from a name means up from wherever another link leads, which nobody can tell from here.
    climbs_first = parts[upwards:] == named
    leaves = target.startswith("/") or upwards > path.count("/")
    return climbs_first and not leaves and not any(map(is_git_alias, named))
