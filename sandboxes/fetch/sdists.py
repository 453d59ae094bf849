"""What a source distribution says about itself, read from its archive; none of its code runs here."""

import ast
import re
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from sandboxes.errors import EnvironmentBroken
from sandboxes.fetch.resolution import Artefact

LEGACY_BUILD = ("setuptools", "wheel")
"""What a project without a build-system table is built with."""
_LARGEST = 4 * 1024 * 1024
_WANTED = re.compile(
    r"^[^/]+/(?:PKG-INFO|pyproject\.toml|setup\.py|(?:[^/]+/){0,2}[^/]+\.egg-info/requires\.txt)$"
)
_COMPILED = re.compile(r"\.(?:c|cc|cpp|cxx|pyx|f|f90)$")
_RUST = re.compile(r"/Cargo\.toml$")
_SECTION = re.compile(r"^\[([^:\]]*)(?::(.*))?\]$")


@dataclass(frozen=True, slots=True)
class Sdist:
    """A source distribution: what it needs to run and to be built."""

    artefact: Artefact
    requires: tuple[str, ...]
    build_requires: tuple[str, ...]
    compiled: bool
    """Holds C, C++, Cython or Fortran."""


def read_sdist(artefact: Artefact, path: Path) -> Sdist:
    """Read an archive's metadata files; raises EnvironmentBroken when it is no archive."""
    try:
        files, names = _zip(path) if path.suffix == ".zip" else _tar(path)
    except (tarfile.TarError, zipfile.BadZipFile, OSError, EOFError) as broken:
        raise EnvironmentBroken(f"{artefact.filename} is not a readable archive: {broken}.") from broken
    pyproject = _toml(_file(files, "pyproject.toml"))
    build = pyproject.get("build-system")
    wanted = build.get("requires") if isinstance(build, dict) else None
    return Sdist(
        artefact,
        requires=_requires(files, pyproject),
        build_requires=_valid(wanted) if isinstance(wanted, list) else LEGACY_BUILD,
        compiled=any(_COMPILED.search(name) or _RUST.search(name) for name in names),
    )


def write_stub(folder: Path, name: str, version: str, requires: Sequence[str]) -> None:
    """Write a wheel that holds only metadata, for the resolver to choose; replaces one of that name."""
    stem = f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Provides-Extra: {extra}" for extra in _extras(requires)]
    metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
    kind = "Wheel-Version: 1.0\nGenerator: ratchet\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{stem}.dist-info/METADATA", "\n".join(metadata) + "\n")
        wheel.writestr(f"{stem}.dist-info/WHEEL", kind)
        wheel.writestr(f"{stem}.dist-info/RECORD", "")


def _tar(path: Path) -> tuple[dict[str, str], list[str]]:
    files, names = {}, []
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            names.append(member.name)
            if member.isreg() and member.size <= _LARGEST and _WANTED.match(member.name):
                content = archive.extractfile(member)
                files[member.name] = content.read().decode("utf-8", "replace") if content else ""
    return files, names


def _zip(path: Path) -> tuple[dict[str, str], list[str]]:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        wanted = [e for e in entries if e.file_size <= _LARGEST and _WANTED.match(e.filename)]
        files = {e.filename: archive.read(e).decode("utf-8", "replace") for e in wanted}
    return files, [entry.filename for entry in entries]


def _file(files: Mapping[str, str], name: str) -> str:
    return next((text for path, text in files.items() if path.partition("/")[2] == name), "")


def _toml(text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _requires(files: Mapping[str, str], pyproject: Mapping[str, object]) -> tuple[str, ...]:
    info = Parser().parsestr(_file(files, "PKG-INFO"), headersonly=True)
    dynamic = {value.lower() for value in info.get_all("Dynamic", [])}
    stated = info.get_all("Requires-Dist", [])
    if stated or (info.get("Metadata-Version", "1.0") >= "2.2" and "requires-dist" not in dynamic):
        return _valid(stated)
    project = pyproject.get("project")
    if isinstance(project, dict) and isinstance(project.get("dependencies"), list):
        return _valid(project["dependencies"])
    listed = next((text for path, text in files.items() if path.endswith("/requires.txt")), None)
    if listed is not None:
        return _valid(_egg_requires(listed))
    return _valid(_setup_requires(_file(files, "setup.py")))


def _egg_requires(text: str) -> Iterator[str]:
    extra = marker = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if match := _SECTION.match(line):
            extra, marker = match[1], match[2] or ""
            continue
        parts = [f"({marker})"] if marker else []
        parts += [f'extra == "{extra}"'] if extra else []
        yield f"{line} ; {' and '.join(parts)}" if parts else line


def _setup_requires(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "install_requires":
            for item in node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else ():
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield item.value


def _valid(lines: object) -> tuple[str, ...]:
    found = []
    for line in lines if isinstance(lines, list | Iterator) else ():
        try:
            requirement = Requirement(str(line))
        except InvalidRequirement:
            continue
        if requirement.url is None:
            found.append(str(requirement))
    return tuple(found)


def _extras(requires: Sequence[str]) -> list[str]:
    named = re.findall(r"extra == ['\"]([^'\"]+)['\"]", " ".join(requires))
    return sorted({canonicalize_name(extra) for extra in named})
