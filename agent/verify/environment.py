"""From a tree's manifests to the environment its tests need; nothing of the tree is run for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from agent.verify.environment_modules import project_modules
from agent.verify.environment_python import Pythons, choose_python, pythons_here
from agent.verify.environment_tests import pytest_requirements, requirements_of_tests
from agent.verify.manifests import Files, Project, Trees, Wanted, fetchable, name_of
from agent.verify.manifests_locks import read_locks
from agent.verify.manifests_pyproject import load_pyproject, read_pyproject
from agent.verify.manifests_requirements import read_requirements
from agent.verify.manifests_setup import read_setup
from agent.verify.manifests_tox import tox_pythons
from sandboxes.environment import EnvironmentSpec
from sandboxes.interpreters import minor_key
from sandboxes.roots import COMPILER

_RUNTIME_FILES = (
    "requirements.txt",
    "requirements/base.txt",
    "requirements/main.txt",
    "requirements/prod.txt",
)
_COMPILED = (
    *("*.c", "*.h", "*.cc", "*.cpp", "*.cxx", "*.hpp", "*.pyx", "*.pxd", "*.pxi", "*.f", "*.f90", "*.rs"),
    *(
        "CMakeLists.txt",
        "*/CMakeLists.txt",
        "*.cmake",
        "meson.build",
        "*/meson.build",
        "Cargo.toml",
        "Cargo.lock",
    ),
)
_ALWAYS = ("setup.py", "setup.cfg", "pyproject.toml", "MANIFEST.in", ".ratchet.toml")
_BUNDLED_SETUPTOOLS = "setuptools<81"
"""What every virtual environment of a Python before 3.12 came with; old projects lean on it."""
_LAST_WITH_SETUPTOOLS = (3, 11)


def discover_environment(
    store: Trees,
    tree: str,
    commit: str,
    config: Mapping[str, object],
    *,
    trust: str = "",
    pythons: Pythons | None = None,
    asked: str = "",
) -> EnvironmentSpec:
    """Return what a tree needs to run its tests.

    `config` is the `[environment]` section of .ratchet.toml: python, packages, system, setup, extras,
    groups. `commit` gives the version a dynamic project is pinned to. `trust` defaults to the store's.
    `asked` is a minor version of Python that is taken before all others where it is here.
    """
    files = Files(store, tree)
    pyproject = load_pyproject(files)
    project = _merged(read_pyproject(files, pyproject), read_setup(files), "build-system" in pyproject)
    project = replace(project, pythons=project.pythons or tox_pythons(files, pyproject))
    here = pythons or pythons_here()
    python, notes = choose_python(files, project, _text(config, "python"), here, asked=asked)
    wanted = _wanted(files, project, pyproject, python, config)
    modules = project_modules(files, project) if project.installable else ()
    compiled = files.matching(*_COMPILED) if project.compiled else ()
    return EnvironmentSpec(
        trust=trust or str(getattr(store, "trust", "")),
        python=python,
        requirements=_unique(wanted.requirements),
        constraints=_unique(wanted.constraints),
        build_requires=_unique(fetchable(project.build, "build-system").requirements),
        project=project.installable,
        name=project.name if project.installable else "",
        version=project.version or _version(store.describe(commit)) if project.installable else "",
        system=_unique((*_list(config, "system"), *(COMPILER if compiled else ()))),
        setup=tuple(_list(config, "setup")),
        modules=modules,
        inputs=files.inputs((*compiled, *(path for path in _ALWAYS if path in files))),
        notes=_unique((*notes, *project.notes, *wanted.notes)),
    )


def _merged(standard: Project, setup: Project, has_build_system: bool) -> Project:
    """Join both kinds of build files; the standard tables win where both say something."""
    return replace(
        standard,
        name=standard.name or setup.name,
        version=standard.version or setup.version,
        python=standard.python or setup.python,
        pythons=standard.pythons or setup.pythons,
        runtime=_unique((*standard.runtime, *setup.runtime)),
        extras={**setup.extras, **standard.extras},
        build=standard.build if has_build_system else setup.build or ("setuptools", "wheel"),
        installable=standard.installable or (setup.installable and not has_build_system),
        legacy=setup.legacy and not has_build_system,
        compiled=standard.compiled or setup.compiled,
        modules=(*standard.modules, *setup.modules),
        notes=(*standard.notes, *setup.notes),
    )


def _wanted(
    files: Files, project: Project, pyproject: Mapping[str, object], python: str, config: Mapping[str, object]
) -> Wanted:
    runtime = fetchable(project.runtime, "dependencies")
    if not project.runtime:
        for path in _RUNTIME_FILES:
            if path in files:
                runtime += read_requirements(files, path)
                break
    extras, groups = config.get("extras"), config.get("groups")
    tests = requirements_of_tests(
        files,
        project,
        pyproject,
        python,
        extras=_list(config, "extras") if extras is not None else None,
        groups=_list(config, "groups") if groups is not None else None,
    )
    stated = runtime + tests + fetchable(_list(config, "packages"), ".ratchet.toml")
    own = canonicalize_name(project.name)
    kept = tuple(line for line in stated.requirements if name_of(line) != own or not project.installable)
    stated = replace(stated, requirements=kept)
    stated += pytest_requirements(files, stated.requirements)
    bundled = project.legacy and minor_key(python or "3") <= _LAST_WITH_SETUPTOOLS
    if bundled and "setuptools" not in {name_of(line) for line in stated.requirements}:
        stated += Wanted((_BUNDLED_SETUPTOOLS,))
    return stated + read_locks(files, project.name)


def _version(described: str) -> str:
    """Return the version up to its release: counting commits would build anew for each of them."""
    try:
        version = Version(described)
    except InvalidVersion:
        return ""
    return f"{version.base_version}.dev0" if version.is_devrelease else version.public


def _unique(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(lines))


def _text(config: Mapping[str, object], name: str) -> str:
    value = config.get(name)
    return value if isinstance(value, str) else ""


def _list(config: Mapping[str, object], name: str) -> Sequence[str]:
    value = config.get(name)
    return [str(item) for item in value] if isinstance(value, list | tuple) else []
