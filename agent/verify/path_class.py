"""Which part of a change a path belongs to: the code, its tests, or the settings around both."""

import re
from enum import StrEnum
from pathlib import PurePosixPath


class PathClass(StrEnum):
    """The classes by which trees are composed."""

    SOURCE = "source"
    TEST = "test"
    CONFIG = "config"


_TEST_FOLDERS = frozenset({"test", "tests", "testing", "spec", "specs", "__tests__", "testdata", "fixtures"})
_TEST_FILE = re.compile(
    r"^(test_.*|.*_tests?|tests?|conftest)\.(py|pyi|txt|rst|md)$|^.*[._](test|spec)\.\w+$"
)
_CONFIG_SUFFIXES = frozenset({".toml", ".cfg", ".ini", ".lock", ".yml", ".yaml", ".mk"})
_CONFIG_NAMES = re.compile(
    r"^(setup\.py|makefile|dockerfile|noxfile\.py|tasks\.py|justfile|pipfile|manifest\.in|gnumakefile|"
    r"(requirements|constraints)[\w.-]*\.(txt|in)|\..+)$"
)
# `testing` as the top folder of an installed package is code that users import, not a test.
_SOURCE_TESTING = "testing"

_CONTROL_NAMES = re.compile(
    r"^(conftest\.py|\.?pytest\.(ini|toml)|tox\.(ini|toml)|setup\.(cfg|py)|pyproject\.toml|noxfile\.py|tasks\.py|"
    r"\.coveragerc|\.ratchet\.toml|(site|user)customize\.py|(gnu)?makefile|justfile|.*\.(pth|mk)|"
    r"entry_points\.txt|ratchet_\w+\.py|run_(pytest|unittest)\.py|(pytest|test)_?plugins?\.py)$"
)
_CONTROL_FOLDERS = frozenset({".github", ".gitlab", ".circleci", ".ci", ".buildkite", ".azure-pipelines"})
# A module of this name at the top of the import path would be imported instead of the runner's own.
_RUNNER_MODULES = frozenset(
    {"pytest", "_pytest", "pluggy", "iniconfig", "unittest", "runpy", "doctest", "faulthandler"}
)
_CI_FILES = re.compile(
    r"^(\.gitlab-ci\.yml|\.travis\.yml|appveyor\.yml|\.appveyor\.yml|azure-pipelines\.yml|jenkinsfile|"
    r"bitbucket-pipelines\.yml|\.drone\.yml|\.cirrus\.yml|\.woodpecker\.yml)$"
)


def path_class(path: str) -> PathClass:
    """Return the class of a path relative to the tree."""
    pure = PurePosixPath(path)
    name = pure.name.lower()
    if _in_test_folder(pure) or _TEST_FILE.match(name):
        return PathClass.TEST
    if _CONFIG_NAMES.match(name) or pure.suffix.lower() in _CONFIG_SUFFIXES or pure.parts[0].startswith("."):
        return PathClass.CONFIG
    return PathClass.SOURCE


def _in_test_folder(path: PurePosixPath) -> bool:
    folders = [part.lower() for part in path.parts[:-1]]
    found = [place for place, folder in enumerate(folders) if folder in _TEST_FOLDERS]
    if not found:
        return False
    return not (folders[found[0]] == _SOURCE_TESTING and found[0] > 0 and len(found) == 1)


def is_test_control(path: str) -> bool:
    """True when a file decides how tests are found, run or reported, rather than being one."""
    pure = PurePosixPath(path)
    name = pure.name.lower()
    if any(part.lower() in _CONTROL_FOLDERS for part in pure.parts[:-1]) or _shadows_a_runner(pure):
        return True
    return bool(_CONTROL_NAMES.match(name) or _CI_FILES.match(name))


def _shadows_a_runner(path: PurePosixPath) -> bool:
    top = path.parts[1:] if path.parts[0] in ("src", "lib") and len(path.parts) > 1 else path.parts
    return top[0].partition(".")[0] in _RUNNER_MODULES
