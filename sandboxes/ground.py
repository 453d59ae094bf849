"""What an environment stands on: a root, a Python, and the variables every command in it gets."""

import contextlib
import hashlib
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandboxes.errors import EnvironmentBroken
from sandboxes.interpreters import (
    INTERPRETER,
    OLDEST,
    Interpreter,
    borrowable,
    find,
    minor,
    minor_key,
    system_version,
    version_of,
)
from sandboxes.roots import base_root, root_python
from sandboxes.sandbox import ENVIRONMENT, Backend, Command, Limits, Mount, SandboxKind, SandboxSpec

_PATH = f"{ENVIRONMENT}/bin:/usr/local/bin:/usr/bin:/bin"
_STOCK = "/usr/local/bin/python3"
_SYSTEM = "/usr/bin/python3"


@dataclass(frozen=True, slots=True)
class Ground:
    """Root, borrowed interpreter and variables; equal identities give equal environments."""

    backend: Backend
    root: Path | None
    mounts: tuple[Mount, ...]
    python: str
    """The interpreter below the environment's own, as seen inside."""
    version: str
    """Its full version."""
    env: Mapping[str, str]
    identity: str

    def sandbox(self, more: Sequence[Mount], limits: Limits) -> SandboxSpec:
        """Return what to open, network off."""
        return SandboxSpec(root=self.root, mounts=(*self.mounts, *more), limits=limits, env=self.env)


def choose_ground(
    state: Path,
    backend: Backend,
    python: str,
    packages: Sequence[str],
    *,
    on_progress: Callable[[str], None],
    cancel: threading.Event | None = None,
) -> Ground:
    """Return a root with these packages and a Python of this minor version ("" takes the root's own).

    Raises EnvironmentBroken when the root cannot be built or no such Python is here.
    """
    root = None
    if backend.kind is not SandboxKind.PROCESS:
        root = base_root(state, packages=packages, on_progress=on_progress, cancel=cancel)
    if packages and root is None:
        on_progress(f"not installed, the host's own are used: {', '.join(packages)}")
    own, version = _own_python(backend, root)
    wanted = minor(python) if python else minor(version)
    if wanted and minor_key(wanted) < OLDEST:
        raise EnvironmentBroken(f"Python {wanted} is too old: 3.{OLDEST[1]} is the oldest that works here.")
    if version and wanted == minor(version):
        return _ground(backend, root, own, version, None)
    interpreter = find(wanted) if wanted else None
    if interpreter is None and version and root is None and backend.kind is SandboxKind.DOCKER:
        # The image's Python is not the host's, which is what detection went by.
        on_progress(f"Python {wanted} is not in the image; its own {version} is used")
        return _ground(backend, root, own, version, None)
    if interpreter is None:
        raise _no_python(wanted, version)
    inside = f"{INTERPRETER}/{interpreter.executable}"
    return _ground(backend, root, inside, interpreter.version, interpreter)


def _own_python(backend: Backend, root: Path | None) -> tuple[str, str]:
    if root is not None:
        return _SYSTEM, root_python(root)
    if backend.kind is SandboxKind.DOCKER:
        return _asked(backend)
    if system_version():
        return _SYSTEM, system_version()
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info[1]}"
    if backend.kind is SandboxKind.PROCESS or base.is_relative_to("/usr"):
        return str(base), version_of(base)
    return "", ""


def _asked(backend: Backend) -> tuple[str, str]:
    # The host's own /usr, or a stock image: only a container knows what is in it.
    program = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
    with contextlib.closing(backend.open(SandboxSpec(root=None))) as sandbox:
        for python in (_SYSTEM, _STOCK):
            result = sandbox.run(Command((python, "-I", "-S", "-c", program), cwd="/tmp"))
            if result.ok:
                return python, result.stdout.text.strip()
    return "", ""


def _ground(
    backend: Backend, root: Path | None, python: str, version: str, borrowed: Interpreter | None
) -> Ground:
    env = {"PATH": _PATH, "VIRTUAL_ENV": ENVIRONMENT, "LANG": "C.UTF-8"}
    mounts: tuple[Mount, ...] = ()
    facts = [root.name if root else backend.kind.value, python, version]
    if borrowed is not None:
        mounts = (Mount(borrowed.prefix, INTERPRETER),)
        facts.append(str(borrowed.prefix))
        if root is None and any((borrowed.prefix / "lib").glob("libpython3*.so*")):
            # Our own roots have links for the loader instead, which also serve cleared environments.
            env["LD_LIBRARY_PATH"] = f"{INTERPRETER}/lib"
    identity = hashlib.sha256("\n".join(facts).encode()).hexdigest()
    return Ground(backend, root, mounts, python, version, env, identity)


def _no_python(wanted: str, own: str) -> EnvironmentBroken:
    here = sorted({*borrowable(), minor(own)} - {""}, key=minor_key)
    return EnvironmentBroken(
        f"Python {wanted or '3'} is not on this machine.",
        hint=f"Install it (uv python install {wanted}, or pyenv), or choose another with "
        f"[environment] python in .ratchet.toml; here are {', '.join(here) or 'none'}.",
    )
