"""Which checks a tree has: the configured ones, else those its files suggest."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from agent.protocol.check import Check, CheckKind
from agent.protocol.errors import UsageError
from agent.repo.store import Store
from agent.verify.path_class import PathClass, path_class

DIAGNOSTIC_NAMES = frozenset({"build", "types", "lint"})
"""Names under [checks] whose commands complain instead of testing, unless `results` says otherwise."""
_PYTEST_FILES = (
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "conftest.py",
    "tests/conftest.py",
)
_PYTEST_TEST = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
_IMPORTS_PYTEST = re.compile(rb"^\s*(import|from)\s+pytest\b", re.MULTILINE)
_PLAIN_TEST = re.compile(rb"^(async\s+)?def\s+test|^class\s+Test\w*\s*(\(\s*(object)?\s*\))?:", re.MULTILINE)
_READ = 200


def discover_checks(store: Store, tree: str, config: Mapping[str, Any]) -> tuple[Check, ...]:
    """Return the checks of a tree, test checks first.

    `config` is `[checks]`: name -> a command, or {"command", "results"}; raises UsageError.
    """
    configured = tuple(_configured(name, value) for name, value in config.items())
    tests = tuple(check for check in configured if check.kind is not CheckKind.DIAGNOSTICS)
    others = tuple(check for check in configured if check.kind is CheckKind.DIAGNOSTICS)
    return (tests or _detected(store, tree)) + others


def _configured(name: str, value: Any) -> Check:
    table = {"command": value} if isinstance(value, str) else dict(value)
    command = str(table.get("command", ""))
    default = "diagnostics" if name in DIAGNOSTIC_NAMES else "exit"
    given = str(table.get("results") or default)
    results = default if given == "exit" and name in DIAGNOSTIC_NAMES else given
    kind, _, glob = results.partition(":")
    if not command.strip():
        raise UsageError(f"[checks] {name} has no command", hint='write e.g. tests = "pytest -q"')
    kinds = {
        "pytest": CheckKind.OPAQUE,
        "unittest": CheckKind.OPAQUE,
        "exit": CheckKind.OPAQUE,
        "junit": CheckKind.JUNIT,
        "diagnostics": CheckKind.DIAGNOSTICS,
    }
    if kind not in kinds or (kind == "junit" and not glob):
        raise UsageError(
            f"[checks] {name}: unknown results {results!r}",
            hint="use pytest, unittest, junit:GLOB, diagnostics or exit",
        )
    launched = _launched(name, kind, command)
    if launched is not None:
        return launched
    return Check(name=name, kind=kinds[kind], argv=("sh", "-c", command), junit=glob or None, declared=True)


_RUNNER = re.compile(r"^(?:python3?\s+-m\s+)?(pytest|py\.test|unittest)(?:\s+(?P<rest>.*))?$")
_PLAIN_WORDS = re.compile(r"^[\w./=:,@%+ -]*$")


def _launched(name: str, kind: str, command: str) -> Check | None:
    """Return a check that we start ourselves when the command is nothing but a runner and its arguments."""
    found = _RUNNER.match(command.strip())
    if found is None or kind == "junit" or not _PLAIN_WORDS.match(found["rest"] or ""):
        return None
    runner = CheckKind.UNITTEST if found[1] == "unittest" else CheckKind.PYTEST
    return Check(name=name, kind=runner, argv=tuple((found["rest"] or "").split()), declared=True)


def _detected(store: Store, tree: str) -> tuple[Check, ...]:
    paths = store.list(tree)
    tests = [path for path in paths if _PYTEST_TEST.search(path)]
    if not tests and not any(_configures_pytest(store, tree, path) for path in paths):
        # unittest finds its tests by the same names; a package `tests` may hold them under others.
        named = [p for p in paths if p.endswith(".py") and path_class(p) is PathClass.TEST]
        return (Check(name="unittest", kind=CheckKind.UNITTEST, argv=("discover",)),) if named else ()
    if _is_plain_unittest(store, tree, tests):
        return (Check(name="unittest", kind=CheckKind.UNITTEST, argv=_discovery(tests, set(paths))),)
    return (Check(name="pytest", kind=CheckKind.PYTEST),)


def _configures_pytest(store: Store, tree: str, path: str) -> bool:
    if path in _PYTEST_FILES:
        return True
    if path == "pyproject.toml":
        try:
            return "pytest" in tomllib.loads(store.read(tree, path).decode()).get("tool", {})
        except (UnicodeDecodeError, tomllib.TOMLDecodeError):
            return False
    return path in ("setup.cfg", "tox.ini") and b"pytest" in store.read(tree, path)


def _is_plain_unittest(store: Store, tree: str, tests: list[str]) -> bool:
    """True when nothing in the tree asks for pytest: no settings, no import, no bare test function."""
    listed = store.list(tree)
    if any(_configures_pytest(store, tree, path) for path in listed) or _mentions_pytest(store, tree):
        return False
    blobs = store.read_blobs([listed[path].blob for path in tests[:_READ]])
    return not any(_IMPORTS_PYTEST.search(text) or _PLAIN_TEST.search(text) for text in blobs.values())


def _mentions_pytest(store: Store, tree: str) -> bool:
    wanted = re.compile(
        r"^((.*/)?[\w.-]*requirements[\w.-]*\.(txt|in)|pyproject\.toml|setup\.(py|cfg)|Pipfile)$"
    )
    listed = store.list(tree)
    blobs = store.read_blobs([entry.blob for path, entry in listed.items() if wanted.match(path)])
    return any(b"pytest" in text for text in blobs.values())


def _discovery(tests: list[str], paths: set[str]) -> tuple[str, ...]:
    """Return arguments that let unittest find tests in a folder that is no package."""
    folders = {path.partition("/")[0] for path in tests if "/" in path}
    if len(folders) == 1 and all("/" in path for path in tests):
        (folder,) = folders
        pattern = "test*.py" if any(p.rpartition("/")[2].startswith("test") for p in tests) else "*_test.py"
        top = ("-t", ".") if f"{folder}/__init__.py" in paths else ()
        return ("discover", "-s", folder, *top, "-p", pattern)
    return ("discover",)
