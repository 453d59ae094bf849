"""Which test files a change may reach, by the imports written in the files: for when there is no index."""

import ast
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from agent.repo.store import Store
from agent.verify.path_class import PathClass, path_class

_MAX_FILES = 4000
_MAX_BYTES = 1_000_000


def reached_by_imports(store: Store, tree: str, changed: Iterable[str]) -> tuple[str, ...]:
    """Return test files that a change of some files may reach, nearest first.

    Static: imports by name, conftest.py for the tests beside and below it, and `test_x` for `x`.
    """
    listed = {
        path: entry for path, entry in store.list(tree).items() if path.endswith(".py") and entry.is_file
    }
    paths = list(listed)[:_MAX_FILES]
    texts = store.read_blobs([listed[path].blob for path in paths])
    users = _users({path: texts[listed[path].blob] for path in paths})
    distance = _reach(users, [path for path in changed if path.endswith(".py")])
    for path in named_after(paths, changed):
        distance[path] = 0
    tests = [path for path in distance if holds_tests(path)]
    return tuple(sorted(tests, key=lambda path: (distance[path], path)))


def named_after(paths: Iterable[str], changed: Iterable[str]) -> list[str]:
    """Return the test files that are named after changed files."""
    stems = {PurePosixPath(path).stem for path in changed}
    names = {f"test_{stem}" for stem in stems} | {f"{stem}_test" for stem in stems}
    return [path for path in paths if PurePosixPath(path).stem in names]


def holds_tests(path: str) -> bool:
    """Say whether a file is one of tests, not of what tests share."""
    name = PurePosixPath(path).name
    return path_class(path) is PathClass.TEST and name not in ("conftest.py", "__init__.py")


def _users(texts: dict[str, bytes]) -> dict[str, set[str]]:
    """Return path -> the files that import it."""
    modules = _modules(texts)
    users: dict[str, set[str]] = {}
    for path, text in texts.items():
        for name in _imported(path, text):
            for target in modules.get(name, ()):
                users.setdefault(target, set()).add(path)
    for path in texts:
        if PurePosixPath(path).name == "conftest.py":
            folder = path[: -len("conftest.py")]
            users.setdefault(path, set()).update(other for other in texts if other.startswith(folder))
    return users


def _modules(texts: Iterable[str]) -> dict[str, list[str]]:
    """Return dotted name -> files; each file answers to every tail of its path, whatever is on sys.path."""
    modules: dict[str, list[str]] = {}
    for path in texts:
        parts = list(PurePosixPath(path).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        for start in range(len(parts)):
            modules.setdefault(".".join(parts[start:]), []).append(path)
    return modules


def _imported(path: str, text: bytes) -> Iterator[str]:
    if len(text) > _MAX_BYTES:
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            parsed = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    package = PurePosixPath(path).parent.parts
    for node in ast.walk(parsed):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _tails(alias.name)
        elif isinstance(node, ast.ImportFrom):
            home = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join([*home, *([node.module] if node.module else [])])
            yield from _tails(name)
            for alias in node.names:
                yield f"{name}.{alias.name}" if name else alias.name


def _tails(name: str) -> Iterator[str]:
    """Yield a module and the packages whose __init__ runs before it."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        yield ".".join(parts[:end])


def _reach(users: dict[str, set[str]], changed: Iterable[str]) -> dict[str, int]:
    distance = dict.fromkeys(changed, 0)
    waiting = deque(distance)
    while waiting:
        path = waiting.popleft()
        for user in sorted(users.get(path, ())):
            if user not in distance:
                distance[user] = distance[path] + 1
                waiting.append(user)
    return distance
