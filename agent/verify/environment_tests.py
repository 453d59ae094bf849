"""What the tests of a repository need besides the project: extras, groups, files, tox, pytest and plugins."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from agent.verify.manifests import Files, Project, Wanted, fetchable, name_of
from agent.verify.manifests_requirements import read_requirements
from agent.verify.manifests_tox import read_tox

_TEST_NAMES = (
    "test",
    "tests",
    "testing",
    "pytest",
    "unittest",
    "unit-test",
    "unit-tests",
    "test-requirements",
)
_DEV_NAMES = ("dev", "develop", "development")
_TEST_FILES = (
    *("requirements-test.txt", "requirements-tests.txt", "requirements-testing.txt", "requirements_test.txt"),
    *("requirements_tests.txt", "test-requirements.txt", "test_requirements.txt", "tests-requirements.txt"),
    *(
        "requirements/test.txt",
        "requirements/tests.txt",
        "requirements/testing.txt",
        "requirements/pytest.txt",
    ),
    *("tests/requirements.txt", "test/requirements.txt"),
)
_DEV_FILES = (
    *("requirements-dev.txt", "requirements_dev.txt", "dev-requirements.txt", "requirements/dev.txt"),
    *("requirements/development.txt", "requirements-develop.txt"),
)
_TEST_CODE = (
    "test_*.py",
    "*/test_*.py",
    "*_test.py",
    "tests/*.py",
    "test/*.py",
    "conftest.py",
    "*/conftest.py",
)
_NOT_FOR_TESTS = frozenset(
    canonicalize_name(name)
    for name in (
        *("coveralls", "codecov", "codacy-coverage", "twine", "pre-commit", "pre-commit-uv", "tox", "tox-uv"),
        *("tox-uv-bare", "tox-gh-actions", "nox", "bump2version", "bumpversion", "gha-update", "prek"),
    )
)
"""Uploaders and runners of other tools: no test imports them, and they pull in much."""
_PLUGINS = (
    (re.compile(r"--cov\b|--cov-|--no-cov"), "pytest-cov"),
    (re.compile(r"(?:^|\s)-n\s*(?:\d|auto|logical)|--numprocesses|--dist[= ]"), "pytest-xdist"),
    (re.compile(r"--timeout\b|^\s*timeout\s*=", re.MULTILINE), "pytest-timeout"),
    (re.compile(r"--asyncio-mode|^\s*asyncio_(?:mode|default)", re.MULTILINE), "pytest-asyncio"),
    (re.compile(r"--benchmark-"), "pytest-benchmark"),
    (re.compile(r"--reruns\b"), "pytest-rerunfailures"),
    (re.compile(r"--randomly-|--random-order"), "pytest-randomly"),
    (re.compile(r"^\s*DJANGO_SETTINGS_MODULE\s*=|--ds=", re.MULTILINE), "pytest-django"),
    (re.compile(r"--mypy\b"), "pytest-mypy"),
    (re.compile(r"--flake8\b"), "pytest-flake8"),
)
_SECTIONS = re.compile(
    r"^\[(?:pytest|tool:pytest|tool\.pytest(?:\.ini_options)?)\]\s*$(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL
)


def requirements_of_tests(
    files: Files,
    project: Project,
    pyproject: Mapping[str, object],
    python: str,
    *,
    extras: Sequence[str] | None,
    groups: Sequence[str] | None,
) -> Wanted:
    """Return what tests need; `extras` and `groups` replace the usual names where they are given."""
    tox = read_tox(files, pyproject, python)
    chosen_extras = _chosen(project.extras, extras, tox.extras)
    chosen_groups = _chosen(project.groups, groups, tox.groups)
    if extras is None and groups is None and not chosen_extras and not chosen_groups:
        chosen_extras = tuple(name for name in project.extras if canonicalize_name(name) in _DEV_NAMES)
        chosen_groups = tuple(name for name in project.groups if canonicalize_name(name) in _DEV_NAMES)
    found = _for_tests(named(project, chosen_extras, chosen_groups) + _first_files(files, _TEST_FILES))
    if "pytest" not in {name_of(line) for line in found.requirements}:
        # A test extra often holds only the runner's runner; tox then says what tests need.
        found += _for_tests(Wanted(tox.requirements, tox.constraints, notes=tox.notes))
    return found if found.requirements else found + _for_tests(_first_files(files, _DEV_FILES))


def named(project: Project, extras: Sequence[str], groups: Sequence[str]) -> Wanted:
    """Return the requirements of extras and groups, those an extra takes from another included."""
    found = Wanted()
    for name in extras:
        lines = list(_extra(project, name, ()))
        found += fetchable(lines, f"extra {name}") + Wanted(notes=(f"extra {name}: installed for the tests",))
    for name in groups:
        key = _key(project.groups, name)
        if key is None:
            found += Wanted(notes=(f"group {name}: does not exist",))
            continue
        lines = list(_expanded(project, project.groups[key], ()))
        found += fetchable(lines, f"group {name}") + Wanted(notes=(f"group {name}: installed for the tests",))
    return found


def pytest_requirements(files: Files, stated: Iterable[str]) -> Wanted:
    """Return pytest and the plugins its configuration cannot do without, where nothing names them."""
    names = {name_of(requirement) for requirement in stated}
    configuration = "\n".join(_configurations(files))
    wanted = [plugin for pattern, plugin in _PLUGINS if pattern.search(configuration)]
    if not names & {"pytest"}:
        wanted.insert(0, "pytest")
    added = tuple(name for name in wanted if canonicalize_name(name) not in names)
    return Wanted(added, notes=tuple(f"{name}: added, nothing else names it" for name in added))


def _chosen(
    here: Mapping[str, tuple[str, ...]], stated: Sequence[str] | None, by_tox: Sequence[str]
) -> tuple[str, ...]:
    if stated is not None:
        return tuple(stated)
    if known := tuple(name for name in by_tox if _key(here, name) is not None):
        return known
    return tuple(name for name in here if canonicalize_name(name) in _TEST_NAMES)


def _key(table: Mapping[str, object], name: str) -> str | None:
    return next((key for key in table if canonicalize_name(key) == canonicalize_name(name)), None)


def _extra(project: Project, name: str, above: tuple[str, ...]) -> Iterator[str]:
    key = _key(project.extras, name)
    if key is not None and key not in above:
        yield from _expanded(project, project.extras[key], (*above, key))


def _expanded(project: Project, lines: Iterable[str], above: tuple[str, ...]) -> Iterator[str]:
    # `project[test]` inside an extra or a group means the project itself, which is the tree.
    for line in lines:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            yield line
            continue
        if project.name and canonicalize_name(requirement.name) == canonicalize_name(project.name):
            for extra in sorted(requirement.extras):
                yield from _extra(project, extra, above)
        else:
            yield line


def _first_files(files: Files, candidates: Sequence[str]) -> Wanted:
    found = Wanted()
    for path in candidates:
        if path in files:
            found += read_requirements(files, path) + Wanted(notes=(f"{path}: installed for the tests",))
    return found


def _for_tests(wanted: Wanted) -> Wanted:
    left_out = [line for line in wanted.requirements if name_of(line) in _NOT_FOR_TESTS]
    kept = tuple(line for line in wanted.requirements if line not in left_out)
    notes = tuple(f"{name_of(line)}: left out, no test needs it" for line in left_out)
    return Wanted(kept, wanted.constraints, wanted.extras, wanted.groups, wanted.notes + notes)


def _configurations(files: Files) -> Iterator[str]:
    for path in ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"):
        for section in _SECTIONS.finditer(files.text(path)):
            yield section[1]
