"""Keeps the index of a working tree up to date while files change."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

from watchfiles import DefaultFilter, watch

from agent.index.code_index import CodeIndex
from agent.index.snapshot import SnapshotView
from agent.repo.store import Store

_HEADS = frozenset({"HEAD", "index", "packed-refs"})


class _Interesting(DefaultFilter):
    """Lets through what can change a snapshot: files of the tree, and of git only where HEAD points."""

    ignore_dirs = ("__pycache__", "node_modules", ".venv", ".tox", ".mypy_cache", ".pytest_cache")

    def __init__(self, git_dir: Path) -> None:
        super().__init__()
        self._git = f"{git_dir}{os.sep}"

    def __call__(self, change: object, path: str) -> bool:
        """Return whether a changed path matters."""
        if path.startswith(self._git):
            inside = path[len(self._git) :]
            return inside in _HEADS or inside.startswith(f"refs{os.sep}heads{os.sep}")
        return super().__call__(change, path)  # type: ignore[arg-type]


def snapshots(store: Store, index: CodeIndex, stop: threading.Event) -> Iterator[SnapshotView]:
    """Yield the working tree now and after each change, until `stop` is set; merges packs in between."""
    view = index.view()
    yield view
    root, git_dir = store.root, store.objects.source.git_dir
    chosen = _Interesting(git_dir)
    settled = False
    # A linked worktree has its HEAD outside of its root.
    for changes in watch(
        *{root, git_dir}, watch_filter=chosen, stop_event=stop, debounce=200, step=50, yield_on_timeout=True
    ):
        if not changes and settled:
            continue
        # The first time-out catches what changed before the watching began.
        settled = settled or not changes
        paths = [os.path.relpath(path, root) for _, path in changes]
        by_git = not changes or any(path.startswith(os.fspath(git_dir)) for _, path in changes)
        view = index.view() if by_git else index.changed(view, paths)
        yield view
        index.collect()
