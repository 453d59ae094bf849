"""Which test files a change may reach, by the index of its tree."""

import sqlite3
from collections.abc import Iterable

from agent.index.code_index import CodeIndex
from agent.index.impact import impacted_tests as reached
from agent.protocol.errors import RatchetError
from agent.repo.store import Store
from agent.verify.import_reach import holds_tests, named_after, reached_by_imports


def impacted_tests(store: Store, tree: str, changed: Iterable[str]) -> tuple[str, ...]:
    """Return test files of a tree that a change of some files may reach, nearest first.

    Files named after the changed ones come first. Without a usable index, imports alone decide.
    """
    paths = tuple(changed)
    try:
        with CodeIndex(store) as index:
            view = index.tree(tree)
            listed = list(view.files())
            found = [one.path for one in reached(view, paths) if not one.symbol]
    except (RatchetError, sqlite3.Error, OSError):
        return reached_by_imports(store, tree, paths)
    near = [path for path in listed if path in paths] + named_after(listed, paths)
    return tuple(path for path in dict.fromkeys((*near, *found)) if _is_test(path))


def _is_test(path: str) -> bool:
    return path.endswith(".py") and holds_tests(path)
