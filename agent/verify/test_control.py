"""Which changes to files of mixed use really touch how tests run."""

import configparser
import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from agent.repo.store import Store
from agent.verify.path_class import is_test_control

# Everything else in these files counts as control: a section nobody thought of must not open a door.
_PROJECT_KEYS = frozenset(
    {
        "name",
        "version",
        "description",
        "authors",
        "maintainers",
        "classifiers",
        "keywords",
        "urls",
        "readme",
        "license",
        "license-files",
        "dependencies",
        "optional-dependencies",
        "requires-python",
        "scripts",
        "gui-scripts",
    }
)
_TOOLS = frozenset(
    {
        "ruff",
        "black",
        "isort",
        "mypy",
        "pyright",
        "pylint",
        "flake8",
        "codespell",
        "towncrier",
        "bumpversion",
        "commitizen",
        "semantic_release",
        "djlint",
        "pydocstyle",
        "typos",
    }
)
_CFG_SECTIONS = ("metadata", "flake8", "isort", "mypy", "pylint", "bdist_wheel", "pycodestyle", "pydocstyle")


def changed_control(store: Store, base: str, head: str, changed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the changed paths that decide how tests run."""
    return tuple(path for path in changed if is_test_control(path) and _matters(store, base, head, path))


def _matters(store: Store, base: str, head: str, path: str) -> bool:
    name = PurePosixPath(path).name
    if name not in ("pyproject.toml", "setup.cfg"):
        return True
    if any(path not in store.list(tree) for tree in (base, head)):
        return True
    read = _pyproject if name == "pyproject.toml" else _setup_cfg
    try:
        return read(store.read(base, path).decode()) != read(store.read(head, path).decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, configparser.Error):
        return True


def _pyproject(text: str) -> dict[str, Any]:
    """Return what is left of a pyproject.toml without the parts that no test run reads."""
    data = tomllib.loads(text)
    data.pop("dependency-groups", None)
    data["project"] = _without(data.get("project", {}), _PROJECT_KEYS)
    data["tool"] = _without(data.get("tool", {}), _TOOLS)
    return data


def _without(table: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in table.items() if name not in names}


def _setup_cfg(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    return {
        name: dict(parser.items(name)) for name in parser.sections() if not name.startswith(_CFG_SECTIONS)
    }
