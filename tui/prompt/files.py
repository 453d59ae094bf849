"""The files of a repository that somebody may mean, without asking anybody."""

import os
from collections.abc import Iterator
from pathlib import Path

MOST = 50_000
_NEVER = frozenset({"node_modules", "__pycache__", "venv", "site-packages"})
_HIDDEN_BUT_MEANT = frozenset({".github", ".gitlab", ".ci"})


def files_of(root: Path) -> list[str]:
    """Return paths below a folder, nearer ones first, with slashes; no hidden folders, at most `MOST`.

    Folders that the repository's own `.gitignore` names are left out, and what package tools fill.
    """
    left_out = _NEVER | _ignored(root)
    found: list[str] = []
    level = [""]
    while level and len(found) < MOST:
        deeper: list[str] = []
        for folder in level:
            found.extend(_look(root, folder, left_out, deeper))
        level = deeper
    return found[:MOST]


def _look(root: Path, folder: str, left_out: frozenset[str], deeper: list[str]) -> Iterator[str]:
    """Yield the files of a folder, and put down the folders in it."""
    try:
        with os.scandir(root / folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in inside:
        path = f"{folder}{entry.name}"
        if not path.isprintable():
            continue
        if entry.is_dir(follow_symlinks=False):
            if _is_meant(entry.name) and entry.name not in left_out:
                deeper.append(f"{path}/")
        else:
            yield path


def _is_meant(folder: str) -> bool:
    return not folder.startswith(".") or folder in _HIDDEN_BUT_MEANT


def _ignored(root: Path) -> frozenset[str]:
    try:
        lines = (root / ".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    names = (line.strip().strip("/") for line in lines)
    return frozenset(name for name in names if name and not set(name) & set("*?[!#/\\"))
