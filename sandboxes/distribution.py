"""The host's distribution and package mirror, read as data."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandboxes.interpreters import minor, system_version

_PYTHONS = {
    "bullseye": "3.9",
    "bookworm": "3.11",
    "trixie": "3.13",
    "focal": "3.8",
    "jammy": "3.10",
    "noble": "3.12",
    "plucky": "3.13",
    "questing": "3.13",
}
_SEPARATE_DISTUTILS = ("bullseye", "bookworm", "focal", "jammy")
_KEYRINGS = {
    "debian": "/usr/share/keyrings/debian-archive-keyring.gpg",
    "ubuntu": "/usr/share/keyrings/ubuntu-archive-keyring.gpg",
}


@dataclass(frozen=True, slots=True)
class Distribution:
    """A Debian or Ubuntu release and the mirror the host is set up to use."""

    id: str
    suite: str
    mirror: str
    components: tuple[str, ...]
    lines: tuple[str, ...]
    """Source lines for updates and security."""

    @property
    def keyring(self) -> Path:
        """Return the keyring that the mirror's release file is checked with."""
        return Path(_KEYRINGS[self.id])

    @property
    def python(self) -> str:
        """Return the minor version of its Python 3, "" when unknown."""
        return minor(system_version()) or _PYTHONS.get(self.suite, "")

    @property
    def packages(self) -> tuple[str, ...]:
        """Return what every root holds besides the minimal system.

        `python3` brings the libraries that borrowed interpreters are linked to as well.
        """
        distutils = ("python3-distutils",) if self.suite in _SEPARATE_DISTUTILS else ()
        return ("python3", "ca-certificates", "less", "netbase", "procps", "tzdata", *distutils)


def host_distribution(etc: Path = Path("/etc")) -> Distribution | None:
    """Return the host's own release, or None when it is not Debian's or Ubuntu's."""
    facts = _os_release(etc / "os-release")
    suite = facts.get("VERSION_CODENAME", "")
    if facts.get("ID") not in _KEYRINGS or not re.fullmatch(r"[a-z]+", suite):
        return None
    known = (suite, f"{suite}-updates", f"{suite}-security")
    # Other vendors' sources are left out: the distribution's keyring does not vouch for them.
    entries = [
        (address, name, components)
        for address, name, components in _entries(etc / "apt")
        if name in known and "main" in components and facts["ID"] in address
    ]
    lines = tuple(
        f"deb [signed-by={_KEYRINGS[facts['ID']]}] {address} {name} {' '.join(components)}"
        for address, name, components in entries
    )
    for address, name, components in entries:
        if name == suite:
            return Distribution(facts["ID"], suite, address, components, lines)
    return None


def _os_release(path: Path) -> dict[str, str]:
    try:
        text = path.read_text()
    except OSError:
        return {}
    return {key: value.strip("\"'") for key, _, value in (line.partition("=") for line in text.splitlines())}


def _entries(apt: Path) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    parts = apt / "sources.list.d"
    files = [apt / "sources.list", *sorted(parts.glob("*.list"))]
    for path in filter(Path.is_file, files):
        for line in path.read_text().splitlines():
            yield from _one_line(line)
    for path in sorted(parts.glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text()):
            yield from _stanza(stanza)


def _one_line(line: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    words = re.sub(r"\[[^]]*\]", " ", line.partition("#")[0]).split()
    if len(words) >= 4 and words[0] == "deb" and _usable(words[1]):
        yield words[1], words[2], tuple(words[3:])


def _stanza(stanza: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    lines = [line for line in stanza.splitlines() if not line.startswith("#")]
    unfolded = re.sub(r"\n[ \t]+", " ", "\n".join(lines))
    fields = {
        k.strip().lower(): v.split() for k, _, v in (line.partition(":") for line in unfolded.splitlines())
    }
    if "deb" not in fields.get("types", ()) or fields.get("enabled", ["yes"])[0] == "no":
        return
    for address in fields.get("uris", ()):
        for suite in fields.get("suites", ()):
            if _usable(address):
                yield address, suite, tuple(fields.get("components", ()))


def _usable(address: str) -> bool:
    return re.match(r"(?:https?|file):/", address) is not None and os.linesep not in address
