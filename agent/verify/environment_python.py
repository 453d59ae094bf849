"""Which Python a repository is run with."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from agent.verify.manifests import Files, Project
from sandboxes.distribution import host_distribution
from sandboxes.interpreters import borrowable, minor, minor_key, system_version

_FILES = (".python-version", ".python-version-default", "runtime.txt")
_NEWEST_KNOWN = 16


@dataclass(frozen=True, slots=True)
class Pythons:
    """The minor versions at hand: the root's own, and those the host lends."""

    own: str
    others: tuple[str, ...]

    def __iter__(self) -> Iterator[str]:
        yield from dict.fromkeys(filter(None, (self.own, *self.others)))


def pythons_here() -> Pythons:
    """Return what this machine offers."""
    distribution = host_distribution()
    own = distribution.python if distribution else minor(system_version())
    return Pythons(own, borrowable())


def choose_python(
    files: Files, project: Project, stated: str, here: Pythons, *, asked: str = ""
) -> tuple[str, tuple[str, ...]]:
    """Return a minor version and how it was chosen; one that is not here only where it is `stated`."""
    if asked and asked in here:
        return asked, (f"Python {asked}: asked for by the task",)
    notes: tuple[str, ...] = (
        (f"Python {asked}, which the task asks for, is not on this machine",) if asked else ()
    )
    if stated:
        return minor(stated), (*notes, f"Python {minor(stated)}: named in .ratchet.toml")
    for path in _FILES:
        if match := re.search(r"^(?:python-|cpython-)?(3\.\d+)", files.text(path), re.MULTILINE):
            if match[1] in here:
                return match[1], (*notes, f"Python {match[1]}: named in {path}")
            notes = (*notes, f"Python {match[1]} of {path} is not on this machine")
    fitting = [version for version in here if _supports(project.python, version)]
    if not fitting:
        wanted = _first_supported(project.python) or here.own
        return wanted, (*notes, f"Python {wanted}: requires-python {project.python or 'is not stated'}")
    chosen = _best(fitting, here.own, project.pythons)
    why = "the system's own" if chosen == here.own else f"supported ({project.python or 'classifiers'})"
    return chosen, (*notes, f"Python {chosen}: {why}")


def _best(fitting: Sequence[str], own: str, classified: Sequence[str]) -> str:
    known = [version for version in fitting if version in classified]
    if classified and not known:
        # Older than everything the project knew is safer than newer.
        newest = max(classified, key=minor_key)
        known = [v for v in fitting if minor_key(v) <= minor_key(newest)] or [min(fitting, key=minor_key)]
    usable = known or list(fitting)
    return own if own in usable else max(usable, key=minor_key)


def _supports(specifier: str, version: str) -> bool:
    try:
        wanted = SpecifierSet(specifier)
    except InvalidSpecifier:
        return True
    # A bound may name a patch release; any late one of the minor version will do.
    return any(wanted.contains(f"{version}.{patch}") for patch in (0, 1, 2, 5, 9, 18))


def _first_supported(specifier: str) -> str:
    versions = (f"3.{number}" for number in range(8, _NEWEST_KNOWN))
    return next((version for version in versions if _supports(specifier, version)), "")
