"""Settings of linters, type checkers and other tools that complain: whether a change touches them."""

import tomllib
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

_FILES = frozenset(
    {
        "ruff.toml",
        ".ruff.toml",
        "mypy.ini",
        ".mypy.ini",
        ".flake8",
        "pylintrc",
        ".pylintrc",
        "pyrightconfig.json",
        ".pre-commit-config.yaml",
        ".pre-commit-config.yml",
        ".isort.cfg",
        ".bandit",
        "codecov.yml",
        ".codecov.yml",
        "ty.toml",
        ".pydocstyle",
        ".eslintrc",
        ".eslintrc.json",
        "eslint.config.js",
        "biome.json",
        ".golangci.yml",
        ".golangci.yaml",
        ".rubocop.yml",
        "codeowners",
    }
)
_TABLES = frozenset(
    {
        "ruff",
        "mypy",
        "pyright",
        "basedpyright",
        "ty",
        "pylint",
        "flake8",
        "bandit",
        "codespell",
        "pydocstyle",
        "typos",
        "isort",
        "black",
    }
)
_SECTIONS = ("[mypy", "[flake8", "[pylint", "[pycodestyle", "[pydocstyle", "[isort")


def loosens_tools(path: str, before: bytes, after: bytes) -> bool:
    """Say whether a change touches the settings of tools that complain, in whatever direction."""
    name = PurePosixPath(path).name.lower()
    if name == "pyproject.toml":
        return _tables(before) != _tables(after)
    if name == "setup.cfg":
        return _sections(before) != _sections(after)
    return name in _FILES


def _tables(text: bytes) -> Mapping[str, Any] | None:
    try:
        tools = tomllib.loads(text.decode()).get("tool", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return None
    return {name: value for name, value in tools.items() if name in _TABLES}


def _sections(text: bytes) -> list[str]:
    kept, inside = [], False
    for line in text.decode("utf-8", "replace").splitlines():
        if line.startswith("["):
            inside = line.startswith(_SECTIONS)
        if inside:
            kept.append(line)
    return kept
