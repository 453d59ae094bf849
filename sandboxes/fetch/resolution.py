"""From requirements to exact artefacts, by metadata alone."""

import platform
import re
import sys
import threading
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.tags import Tag, compatible_tags, cpython_tags, platform_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from sandboxes.errors import EnvironmentBroken
from sandboxes.fetch.indexes import redacted
from sandboxes.fetch.uv import ask

_NEEDS_SDIST = re.compile(r"Wheels are required for `([A-Za-z0-9._-]+)`")
_FOREIGN_PLATFORM = "manylinux_2_36"


@dataclass(frozen=True, slots=True)
class Artefact:
    """A wheel or source distribution at an index; `sha256` is empty when the index names none."""

    name: str
    version: str
    filename: str
    url: str
    sha256: str
    size: int = 0

    @property
    def sdist(self) -> bool:
        """True for a source distribution."""
        return not self.filename.endswith(".whl")


@dataclass(frozen=True, slots=True)
class Target:
    """The interpreter that packages are chosen for, and where uv may work."""

    python: str
    folder: Path
    environment: Mapping[str, str] = field(repr=False)
    cancel: threading.Event | None = None


class Unresolvable(Exception):
    """No set of packages fits; `sdist_only` names those that have no usable wheel."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        self.sdist_only = tuple(dict.fromkeys(_NEEDS_SDIST.findall(text)))


def resolve(
    requirements: Iterable[str], constraints: Iterable[str], target: Target, *, stubs: Path
) -> tuple[Artefact, ...]:
    """Return one wheel for every package needed; raises Unresolvable.

    `stubs` is a folder of metadata-only wheels that stand for source distributions.
    """
    options = ["--no-build", "--find-links", str(stubs)]
    return _compile(requirements, constraints, target, options)


def locate_sdists(requirements: Iterable[str], target: Target) -> tuple[Artefact, ...]:
    """Return the source distributions that fit; uv reads only the index pages for it."""
    return _compile(requirements, (), target, ["--no-deps", "--no-binary", ":all:"])


def _compile(
    requirements: Iterable[str], constraints: Iterable[str], target: Target, options: list[str]
) -> tuple[Artefact, ...]:
    wanted, bounds = target.folder / "requirements.in", target.folder / "constraints.txt"
    wanted.write_text("".join(f"{line}\n" for line in requirements))
    bounds.write_text("".join(f"{line}\n" for line in constraints))
    arguments = ["pip", "compile", wanted.name, "--constraints", bounds.name, "--format", "pylock.toml"]
    arguments += ["--quiet", "--no-progress", "--color", "never", "--no-sources", "--no-header"]
    arguments += ["--python", sys.executable, "--python-version", target.python, *_platform(), *options]
    answer = ask(arguments, environment=target.environment, folder=target.folder, cancel=target.cancel)
    if answer.trouble:
        raise Unresolvable(answer.trouble)
    return _artefacts(answer.output, target)


def _platform() -> list[str]:
    # On Linux uv asks this machine, whose distribution the root is made of.
    if sys.platform == "linux":
        return []
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    return ["--python-platform", f"{machine}-{_FOREIGN_PLATFORM}"]


def _artefacts(lock: str, target: Target) -> tuple[Artefact, ...]:
    tags = _ranked_tags(target.python)
    found = []
    for package in tomllib.loads(lock).get("packages", ()):
        files = [_artefact(package, file, target.folder) for file in package.get("wheels", ())]
        if not files and "sdist" in package:
            files = [_artefact(package, package["sdist"], target.folder)]
        if not files:
            raise EnvironmentBroken(f"{package.get('name', 'A package')} does not come from a package index.")
        found.append(min(files, key=lambda file: _rank(file, tags)))
    return tuple(found)


def _artefact(package: Mapping[str, str], file: Mapping[str, object], folder: Path) -> Artefact:
    url = str(file.get("url") or (folder / str(file["path"])).resolve().as_uri())
    hashes = file.get("hashes")
    return Artefact(
        name=package["name"],
        version=package.get("version", ""),
        filename=Path(str(file.get("name") or unquote(urlsplit(url).path))).name,
        url=url,
        sha256=str(hashes.get("sha256", "")) if isinstance(hashes, dict) else "",
        size=int(str(file.get("size") or 0)),
    )


def _ranked_tags(python: str) -> dict[Tag, int]:
    version = tuple(int(part) for part in python.split(".")[:2])
    platforms = list(platform_tags())
    tags = [
        *cpython_tags(version, platforms=platforms),
        *compatible_tags(version, interpreter="cp" + "".join(map(str, version)), platforms=platforms),
    ]
    return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}


def _rank(file: Artefact, tags: Mapping[Tag, int]) -> int:
    try:
        named = parse_wheel_filename(file.filename)[3]
    except InvalidWheelFilename:
        return len(tags)
    return min((tags.get(tag, len(tags)) for tag in named), default=len(tags))


def explained(unresolvable: Unresolvable) -> EnvironmentBroken:
    """Return the error a user sees for requirements that no set of packages fits."""
    text = redacted(unresolvable.text).strip()
    return EnvironmentBroken(_sentence(text), hint=_hint(text), log=text)


_CAUSES = (
    (
        re.compile(r"([A-Za-z0-9._-]+) was not found in the (?:package registry|provided)"),
        "The package {0} does not exist at your package index.",
        "Correct its name, or name the index it comes from in your pip or uv configuration.",
    ),
    (
        re.compile(r"requested Python version[^\n]*does not satisfy\s+Python(\S+)"),
        "The requirements need a Python {0}.",
        'Choose another Python: [environment] python = "3.x" in .ratchet.toml.',
    ),
    (
        re.compile(r"(?:Because|because) only (\S+?)(?:[<>=~!]\S*)? is available"),
        "No available version of {0} fits the requirements.",
        "Change the required version in the requirements.",
    ),
    (
        re.compile(r"Wheels are required for `([^`]+)`"),
        "The package {0} has neither a wheel for this Python nor a usable source distribution.",
        'Choose another Python: [environment] python = "3.x" in .ratchet.toml.',
    ),
    (
        re.compile(r"(?:Failed to fetch|error sending request)()"),
        "The package index cannot be reached.",
        "Check the network, the proxy variables, and the index in your pip or uv configuration.",
    ),
)


def _cause(text: str) -> tuple[str, str]:
    for pattern, sentence, hint in _CAUSES:
        if match := pattern.search(text):
            return sentence.format(match[1]), hint
    return "The requirements contradict each other.", "Look at the log for the packages that conflict."


def _sentence(text: str) -> str:
    return _cause(text)[0]


def _hint(text: str) -> str:
    return _cause(text)[1]
