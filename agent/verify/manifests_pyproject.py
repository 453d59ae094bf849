"""pyproject.toml: the standard tables, dependency groups, and the static tables of common tools."""

import tomllib
from collections.abc import Iterator, Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from agent.verify.manifests import Files, Project, mapping, strings
from agent.verify.manifests_poetry import poetry_groups, poetry_python, poetry_requirements
from agent.verify.manifests_requirements import read_requirements

PYPROJECT = "pyproject.toml"
_DEEPEST = 8
_COMPILED_BACKENDS = ("mesonpy", "scikit_build_core", "maturin", "py_build_cmake")
_BACKEND_NEEDS = {
    "hatchling": ("editables",),
    "mesonpy": ("meson", "ninja"),
    "scikit_build_core": ("cmake", "ninja"),
    "setuptools": ("wheel",),
}
_TEST_ENVIRONMENTS = ("default", "test", "tests", "testing", "hatch-test", "dev")


def load_pyproject(files: Files) -> Mapping[str, object]:
    """Return the parsed file, empty when there is none or it is no TOML."""
    try:
        return tomllib.loads(files.text(PYPROJECT))
    except tomllib.TOMLDecodeError:
        return {}


def read_pyproject(files: Files, data: Mapping[str, object]) -> Project:
    """Return what the parsed file says about the project."""
    project, tool = mapping(data.get("project")), mapping(data.get("tool"))
    build, poetry = mapping(data.get("build-system")), mapping(tool.get("poetry"))
    extras = {key: strings(value) for key, value in mapping(project.get("optional-dependencies")).items()}
    extras |= _poetry_extras(poetry)
    from_files, file_extras, notes = _setuptools_dynamic(files, mapping(tool.get("setuptools")))
    runtime = (*strings(project.get("dependencies")), *from_files)
    return Project(
        name=str(project.get("name") or poetry.get("name") or ""),
        version=_version(project, poetry, tool),
        python=str(project.get("requires-python") or poetry_python(poetry.get("dependencies"))),
        pythons=_classified(strings(project.get("classifiers") or poetry.get("classifiers"))),
        runtime=(*runtime, *poetry_requirements(poetry.get("dependencies"))),
        extras={**extras, **file_extras},
        groups=_groups(data, tool, poetry),
        build=_build_requires(build, tool),
        installable=_installable(project, poetry, build, tool, files),
        compiled=_backend(build).startswith(_COMPILED_BACKENDS)
        or bool(mapping(tool.get("setuptools")).get("ext-modules")),
        modules=_modules(tool),
        notes=notes,
    )


def _version(project: Mapping[str, object], poetry: Mapping[str, object], tool: Mapping[str, object]) -> str:
    # A placeholder where a plugin computes the version from git.
    computed = "poetry-dynamic-versioning" in tool
    stated = project.get("version") or (None if computed else poetry.get("version"))
    return stated if isinstance(stated, str) else ""


def _classified(classifiers: tuple[str, ...]) -> tuple[str, ...]:
    prefix = "Programming Language :: Python :: "
    found = (line.removeprefix(prefix) for line in classifiers if line.startswith(prefix))
    return tuple(text for text in found if text.startswith("3.") and text[2:].isdigit())


def _backend(build: Mapping[str, object]) -> str:
    return str(build.get("build-backend") or "setuptools")


def _build_requires(build: Mapping[str, object], tool: Mapping[str, object]) -> tuple[str, ...]:
    if not build:
        return ()
    backend = _backend(build).partition(".")[0]
    hooks = mapping(mapping(mapping(tool.get("hatch")).get("build")).get("hooks"))
    hooked = [needed for hook in hooks.values() for needed in strings(mapping(hook).get("dependencies"))]
    return (*strings(build.get("requires")), *_BACKEND_NEEDS.get(backend, ()), *hooked)


def _installable(
    project: Mapping[str, object],
    poetry: Mapping[str, object],
    build: Mapping[str, object],
    tool: Mapping[str, object],
    files: Files,
) -> bool:
    if poetry.get("package-mode") is False or mapping(tool.get("uv")).get("package") is False:
        return False
    if "setup.py" in files or build:
        return bool(build) and bool(project or poetry or "setup.py" in files or "setup.cfg" in files)
    # Without a build system setuptools is the standard's default, which only finds clear layouts.
    name = canonicalize_name(str(project.get("name") or "")).replace("-", "_")
    clear = (f"{name}/__init__.py", f"{name}.py")
    return bool(project) and any(path.startswith("src/") or path in clear for path in files)


def _setuptools_dynamic(
    files: Files, setuptools: Mapping[str, object]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]], tuple[str, ...]]:
    dynamic = mapping(setuptools.get("dynamic"))
    runtime, notes = _from_files(files, dynamic.get("dependencies"))
    extras = {}
    for name, value in mapping(dynamic.get("optional-dependencies")).items():
        extras[name], more = _from_files(files, value)
        notes += more
    return runtime, extras, notes


def _from_files(files: Files, value: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    named = mapping(value).get("file")
    paths = (named,) if isinstance(named, str) else strings(named)
    found = [read_requirements(files, path) for path in paths]
    return (
        tuple(line for wanted in found for line in wanted.requirements),
        tuple(note for wanted in found for note in wanted.notes),
    )


def _groups(
    data: Mapping[str, object], tool: Mapping[str, object], poetry: Mapping[str, object]
) -> dict[str, tuple[str, ...]]:
    stated = mapping(data.get("dependency-groups"))
    groups = {name: tuple(_group(stated, name, ())) for name in stated}
    older = {
        **{
            name: strings(value)
            for name, value in mapping(mapping(tool.get("pdm")).get("dev-dependencies")).items()
        },
        **poetry_groups(poetry),
        **_hatch_groups(mapping(mapping(tool.get("hatch")).get("envs"))),
    }
    if uv := strings(mapping(tool.get("uv")).get("dev-dependencies")):
        older["dev"] = (*older.get("dev", ()), *uv)
    for name, lines in older.items():
        groups[name] = (*groups.get(name, ()), *lines)
    return groups


def _group(stated: Mapping[str, object], name: str, above: tuple[str, ...]) -> Iterator[str]:
    wanted = canonicalize_name(name)
    if wanted in above or len(above) > _DEEPEST:
        return
    members = next((value for key, value in stated.items() if canonicalize_name(key) == wanted), None)
    for member in members if isinstance(members, list) else ():
        if isinstance(member, str):
            yield member
        elif isinstance(included := mapping(member).get("include-group"), str):
            yield from _group(stated, included, (*above, wanted))


def _hatch_groups(environments: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, environment in environments.items():
        table = mapping(environment)
        lines = (*strings(table.get("dependencies")), *strings(table.get("extra-dependencies")))
        if lines and name in _TEST_ENVIRONMENTS:
            found["test" if name in ("default", "hatch-test") else name] = lines
    return found


def _poetry_extras(poetry: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    optional = {}
    for line in poetry_requirements(poetry.get("dependencies")):
        try:
            optional[canonicalize_name(Requirement(line).name)] = line
        except InvalidRequirement:
            continue
    return {
        name: tuple(
            optional[canonicalize_name(part)]
            for part in strings(value)
            if canonicalize_name(part) in optional
        )
        for name, value in mapping(poetry.get("extras")).items()
    }


def _modules(tool: Mapping[str, object]) -> tuple[str, ...]:
    flit = mapping(mapping(tool.get("flit")).get("module")).get("name")
    setuptools = mapping(tool.get("setuptools"))
    listed = [*strings(setuptools.get("py-modules")), *strings(setuptools.get("packages"))]
    wheel = mapping(mapping(mapping(mapping(tool.get("hatch")).get("build")).get("targets")).get("wheel"))
    listed += [path.rpartition("/")[2] for path in strings(wheel.get("packages"))]
    for package in mapping(tool.get("poetry")).get("packages", ()) or ():  # type: ignore[attr-defined]
        listed.append(str(mapping(package).get("include", "")).partition("/")[0])
    return (*((flit,) if isinstance(flit, str) else ()), *(name for name in listed if name.isidentifier()))
