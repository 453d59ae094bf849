"""Checks come from the configuration, else from what the files of the tree suggest."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from agent.protocol.check import Check, CheckKind
from agent.protocol.errors import UsageError
from agent.verify.discover import discover_checks
from tests.repo.project import Project

Discover = Callable[..., tuple[Check, ...]]
CASE = "import unittest\n\nclass T(unittest.TestCase):\n    def test_a(self): pass\n"


@pytest.fixture
def discover(tmp_path: Path) -> Discover:
    def found(files: Mapping[str, str], config: Mapping[str, Any] | None = None) -> tuple[Check, ...]:
        project = Project(tmp_path / "repo", tmp_path / "state").init()
        for path, content in files.items():
            project.write(path, content)
        store = project.store() if project.commit() else None
        assert store is not None
        return discover_checks(store, store.tree_of(store.resolve("HEAD")), config or {})

    return found


PYTEST = (Check(name="pytest", kind=CheckKind.PYTEST),)
DETECTED: dict[str, tuple[dict[str, str], tuple[Check, ...]]] = {
    "a bare test function": ({"test_a.py": "def test_a(): pass\n"}, PYTEST),
    "a bare test class": ({"tests/test_a.py": "class TestA:\n    def test_a(self): pass\n"}, PYTEST),
    "pytest settings": ({"tests/test_a.py": CASE, "pyproject.toml": "[tool.pytest.ini_options]\n"}, PYTEST),
    "pytest among the requirements": (
        {"tests/test_a.py": CASE, "requirements-dev.txt": "pytest>=7\n"},
        PYTEST,
    ),
    "a conftest alone": ({"conftest.py": "", "a.py": ""}, PYTEST),
    "test cases in the root": (
        {"test_a.py": CASE},
        (Check(name="unittest", kind=CheckKind.UNITTEST, argv=("discover",)),),
    ),
    "test cases in a folder": (
        {"tests/test_a.py": CASE},
        (
            Check(
                name="unittest", kind=CheckKind.UNITTEST, argv=("discover", "-s", "tests", "-p", "test*.py")
            ),
        ),
    ),
    "test cases in a package": (
        {"tests/test_a.py": CASE, "tests/__init__.py": ""},
        (
            Check(
                name="unittest",
                kind=CheckKind.UNITTEST,
                argv=("discover", "-s", "tests", "-t", ".", "-p", "test*.py"),
            ),
        ),
    ),
    "no tests": ({"a.py": "x = 1\n", "README.md": ""}, ()),
}


@pytest.mark.parametrize(("files", "expected"), DETECTED.values(), ids=DETECTED)
def test_files_suggest_a_check(
    discover: Discover, files: dict[str, str], expected: tuple[Check, ...]
) -> None:
    assert discover(files) == expected


CONFIGURED: dict[str, tuple[Any, Check]] = {
    "pytest with plain arguments": (
        "pytest -q tests/unit",
        Check(name="x", kind=CheckKind.PYTEST, argv=("-q", "tests/unit"), declared=True),
    ),
    "pytest as a module": (
        {"command": "python -m pytest", "results": "pytest"},
        Check(name="x", kind=CheckKind.PYTEST, declared=True),
    ),
    "unittest as a module": (
        "python3 -m unittest discover -s tests",
        Check(name="x", kind=CheckKind.UNITTEST, argv=("discover", "-s", "tests"), declared=True),
    ),
    "pytest with shell words": (
        "pytest $ARGS",
        Check(name="x", kind=CheckKind.OPAQUE, argv=("sh", "-c", "pytest $ARGS"), declared=True),
    ),
    "any command": (
        {"command": "make test"},
        Check(name="x", kind=CheckKind.OPAQUE, argv=("sh", "-c", "make test"), declared=True),
    ),
    "a command that writes JUnit files": (
        {"command": "npm test", "results": "junit:out/*.xml"},
        Check(
            name="x", kind=CheckKind.JUNIT, argv=("sh", "-c", "npm test"), junit="out/*.xml", declared=True
        ),
    ),
    "a command that complains": (
        {"command": "mypy .", "results": "diagnostics"},
        Check(name="x", kind=CheckKind.DIAGNOSTICS, argv=("sh", "-c", "mypy ."), declared=True),
    ),
}


@pytest.mark.parametrize(("value", "expected"), CONFIGURED.values(), ids=CONFIGURED)
def test_a_configured_check_replaces_the_detected_one(
    discover: Discover, value: Any, expected: Check
) -> None:
    found = discover({"test_a.py": "def test_a(): pass\n"}, {"x": value})
    detected = PYTEST if expected.kind is CheckKind.DIAGNOSTICS else ()
    assert found == (*detected, expected)


def test_build_types_and_lint_complain_and_leave_the_detected_tests(discover: Discover) -> None:
    config = {"lint": "ruff check .", "types": {"command": "mypy .", "results": "exit"}, "build": "make"}
    found = discover({"test_a.py": "def test_a(): pass\n"}, config)
    assert [check.name for check in found] == ["pytest", "lint", "types", "build"]
    assert {check.kind for check in found[1:]} == {CheckKind.DIAGNOSTICS}


@pytest.mark.parametrize(
    "value", ["", {"command": "x", "results": "tap"}, {"command": "x", "results": "junit"}]
)
def test_a_check_that_cannot_be_understood_is_a_usage_error(discover: Discover, value: Any) -> None:
    with pytest.raises(UsageError):
        discover({"a.py": ""}, {"x": value})
