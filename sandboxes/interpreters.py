"""Python interpreters of the host that a sandbox can borrow read-only."""

import functools
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

INTERPRETER = "/opt/python"
"""Where a borrowed interpreter's prefix is mounted."""
_NAME = re.compile(r"python3\.(\d+)")
_ASK = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.implementation.name)"
_SYSTEM = Path("/usr/bin/python3")
OLDEST = (3, 8)
"""The oldest Python that our guest code runs on."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython whose whole installation lies below `prefix`."""

    prefix: Path
    executable: str
    """Relative to the prefix, such as `bin/python3.12`."""
    version: str
    """Full version, such as `3.12.1`."""

    @property
    def minor(self) -> str:
        """Return the version without its last part."""
        return minor(self.version)


def minor(version: str) -> str:
    """Return "3.12" of "3.12.1"."""
    return ".".join(version.split(".")[:2])


def minor_key(version: str) -> tuple[int, int]:
    """Return what versions such as "3.9" and "3.12" are ordered by."""
    major, _, rest = version.partition(".")
    return int(major), int(rest.partition(".")[0] or 0)


def borrowable() -> tuple[str, ...]:
    """Return the minor versions found on the host, newest first; nothing is run for it."""
    found = {f"3.{name}" for _, name in _executables()}
    return tuple(sorted((v for v in found if minor_key(v) >= OLDEST), key=minor_key, reverse=True))


@functools.cache
def find(wanted: str) -> Interpreter | None:
    """Return a working interpreter of a minor version, or None."""
    for path, name in _executables():
        if f"3.{name}" != wanted:
            continue
        version = version_of(path)
        if version and minor(version) == wanted:
            prefix = path.parent.parent
            return Interpreter(prefix, str(path.relative_to(prefix)), version)
    return None


@functools.cache
def system_version() -> str:
    """Return the full version of the distribution's own Python 3, or "" when there is none."""
    return version_of(_SYSTEM) if _SYSTEM.exists() else ""


@functools.cache
def version_of(executable: Path) -> str:
    """Return the version that a CPython of the host says it has, or ""."""
    try:
        done = subprocess.run(
            [str(executable), "-I", "-S", "-c", _ASK],
            capture_output=True,
            text=True,
            timeout=20,
            cwd="/",
            env={"PATH": "/usr/bin:/bin"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    version, _, implementation = done.stdout.strip().partition(" ")
    return version if implementation == "cpython" else ""


def _executables() -> Iterator[tuple[Path, str]]:
    # Newest patch release first within a folder; a prefix of its own is what makes one mountable.
    for folder in _folders():
        for prefix in sorted(_listed(folder), key=_version_order, reverse=True):
            for path in _listed(prefix / "bin"):
                if (match := _NAME.fullmatch(path.name)) and os.access(path, os.X_OK):
                    real = path.resolve()
                    if real.parent == (prefix / "bin").resolve():
                        yield real, match[1]


def _folders() -> tuple[Path, ...]:
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    return (
        Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv/python"),
        Path(os.environ.get("ASDF_DATA_DIR") or home / ".asdf") / "installs/python",
        data / "mise/installs/python",
    )


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _version_order(prefix: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", prefix.name)[:3])
