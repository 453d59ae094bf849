"""The folder of wheels and source distributions that one environment is built from, offline."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from sandboxes.errors import EnvironmentBroken
from sandboxes.fetch.downloads import Downloads
from sandboxes.fetch.resolution import (
    Artefact,
    Target,
    Unresolvable,
    explained,
    locate_sdists,
    resolve,
)
from sandboxes.fetch.sdists import Sdist, read_sdist, write_stub

_ROUNDS = 24
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Wheelhouse:
    """What was fetched: `pins` are to be installed, the rest is for building."""

    folder: Path
    pins: tuple[str, ...]
    compiled: bool
    """Some source distribution needs a compiler."""
    log: str = ""


class Gathering:
    """One fetch phase; everything lies below `scratch`, which the caller removes."""

    def __init__(
        self,
        scratch: Path,
        downloads: Path,
        python: str,
        environment: Mapping[str, str],
        *,
        on_progress: Callable[[str], None],
        cancel: threading.Event | None = None,
    ) -> None:
        self.folder = scratch / "wheels"
        self._stubs, self._work = scratch / "stubs", scratch / "resolve"
        for folder in (self.folder, self._stubs, self._work):
            folder.mkdir(parents=True)
        self._target = Target(python, self._work, environment, cancel)
        self._downloads = Downloads(downloads, environment)
        self._sdists: dict[str, Sdist] = {}
        self._built_with: set[tuple[str, ...]] = set()
        self._on_progress, self._cancel = on_progress, cancel
        self._log: list[str] = []

    def gather(
        self,
        requirements: Sequence[str],
        constraints: Sequence[str],
        build_requires: Sequence[Sequence[str]],
        *,
        own: tuple[str, str] = ("", ""),
    ) -> Wheelhouse:
        """Fetch what is to be installed and all that building needs; raises EnvironmentBroken.

        `own` is the project's name and version: other packages that need it get versions that fit.
        """
        plain, hashes = _without_hashes(requirements)
        if plain:
            self._on_progress(f"resolving {len(plain)} requirement{'s' * (len(plain) > 1)}")
        chosen = self._resolve_around(own, plain, constraints)
        _check_hashes(chosen, hashes)
        self._download(chosen)
        for wanted in build_requires:
            self.add_build(wanted)
        self._add_sdist_builds()
        pins = tuple(f"{artefact.name}=={artefact.version}" for artefact in chosen)
        compiled = any(sdist.compiled for sdist in self._sdists.values())
        return Wheelhouse(self.folder, pins, compiled, "\n".join(self._log))

    def add_build(self, requirements: Sequence[str]) -> None:
        """Fetch what some build needs, on its own: builds are isolated from each other."""
        key = tuple(sorted(requirements))
        if not key or key in self._built_with:
            return
        self._built_with.add(key)
        self._download(self._resolve(key, ()))

    def _add_sdist_builds(self) -> None:
        for _ in range(_DEEPEST):
            wanted = {sdist.build_requires for sdist in list(self._sdists.values())}
            new = [needs for needs in wanted if tuple(sorted(needs)) not in self._built_with and needs]
            if not new:
                return
            for needs in new:
                self.add_build(needs)

    def _resolve_around(
        self, own: tuple[str, str], requirements: Sequence[str], constraints: Sequence[str]
    ) -> tuple[Artefact, ...]:
        name, version = own
        if not requirements or not _pinnable(name, version):
            return self._resolve(requirements, constraints)
        write_stub(self._stubs, name, version, ())
        try:
            chosen = self._resolve([*requirements, f"{name}=={version}"], constraints)
        except EnvironmentBroken as failed:
            self._log.append(f"No packages fit to this version of {name}:\n{failed.log}")
            for stub in self._stubs.glob(f"*-{version}-py3-none-any.whl"):
                stub.unlink()
            chosen = self._resolve(requirements, constraints)
        return tuple(a for a in chosen if canonicalize_name(a.name) != canonicalize_name(name))

    def _resolve(self, requirements: Sequence[str], constraints: Sequence[str]) -> tuple[Artefact, ...]:
        if not requirements:
            return ()
        try:
            return self._resolve_with_sdists(requirements, constraints)
        except Unresolvable as failed:
            if not constraints:
                raise explained(failed) from failed
            self._log.append("The lock file's versions do not fit here and were left out:\n" + failed.text)
        try:
            return self._resolve_with_sdists(requirements, ())
        except Unresolvable as failed:
            raise explained(failed) from failed

    def _resolve_with_sdists(
        self, requirements: Sequence[str], constraints: Sequence[str]
    ) -> tuple[Artefact, ...]:
        for _ in range(_ROUNDS):
            try:
                chosen = resolve(requirements, constraints, self._target, stubs=self._stubs)
            except Unresolvable as failed:
                new = [name for name in failed.sdist_only if canonicalize_name(name) not in self._sdists]
                if not new:
                    raise
                self._add_sdists(new, [*requirements, *constraints])
                continue
            return tuple(self._unstubbed(artefact) for artefact in chosen)
        raise EnvironmentBroken("Too many packages have no wheel for this Python.")

    def _unstubbed(self, artefact: Artefact) -> Artefact:
        if not artefact.url.startswith(self._stubs.resolve().as_uri()):
            return artefact
        sdist = self._sdists.get(canonicalize_name(artefact.name))
        return sdist.artefact if sdist else artefact

    def _add_sdists(self, names: Sequence[str], stated: Sequence[str]) -> None:
        wanted = [_bounded(name, stated) for name in names]
        for artefact in locate_sdists(wanted, self._target):
            self._download((artefact,))
            sdist = read_sdist(artefact, self.folder / artefact.filename)
            self._sdists[canonicalize_name(artefact.name)] = sdist
            write_stub(self._stubs, artefact.name, artefact.version, sdist.requires)
            self._log.append(f"{artefact.filename} has no wheel and is built here.")

    def _download(self, artefacts: Sequence[Artefact]) -> None:
        self._downloads.fetch(artefacts, self.folder, on_progress=self._on_progress, cancel=self._cancel)


def _pinnable(name: str, version: str) -> bool:
    try:
        Requirement(f"{name}=={version}")
    except InvalidRequirement:
        return False
    return bool(name and version)


def _bounded(name: str, stated: Sequence[str]) -> str:
    wanted = canonicalize_name(name)
    specifiers = {
        str(requirement.specifier)
        for requirement in map(Requirement, stated)
        if canonicalize_name(requirement.name) == wanted and requirement.specifier
    }
    return name + ",".join(sorted(specifiers))


def _without_hashes(requirements: Sequence[str]) -> tuple[list[str], dict[str, set[str]]]:
    plain: list[str] = []
    hashes: dict[str, set[str]] = {}
    for line in requirements:
        text, *found = line.split(" --hash=")
        plain.append(text.strip())
        if found:
            name = canonicalize_name(Requirement(text.strip()).name)
            hashes.setdefault(name, set()).update(h.strip().removeprefix("sha256:") for h in found)
    return plain, hashes


def _check_hashes(chosen: Sequence[Artefact], hashes: Mapping[str, set[str]]) -> None:
    for artefact in chosen:
        allowed = hashes.get(canonicalize_name(artefact.name))
        if allowed and artefact.sha256 not in allowed:
            raise EnvironmentBroken(
                f"{artefact.filename} does not have a hash that the requirements allow.",
                hint="The requirements were made for another Python or index; lock them again.",
            )
