"""Root file systems made of the host's own distribution, by content key, below the state directory."""

import hashlib
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandboxes.distribution import Distribution, host_distribution
from sandboxes.errors import EnvironmentBroken
from sandboxes.interpreters import INTERPRETER, OLDEST
from sandboxes.locks import exclusive

STAMP = ".ratchet-root"
"""File in a root whose text is its key."""
COMPILER = ("gcc", "g++", "libc6-dev", "make", "pkg-config", "python3-dev")
"""What building C and C++ extensions takes."""
_PYTHON = ".ratchet-python"
_FORMAT = "1"
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]{1,80}")
_KEPT_LOG = 8000
_SECONDS = 1800.0
_SAY_EVERY = 5.0
_NEWEST_BORROWED = 20
_APT = ("apt-get", "-q", "-y", "-o", "APT::Sandbox::User=root", "-o", "Dpkg::Use-Pty=0")


@dataclass(frozen=True, slots=True)
class RootUsage:
    """A root on disk: its key, where it is, its size in bytes, when it was last used."""

    key: str
    path: Path
    bytes: int
    used_at: float


def can_build_roots() -> str:
    """Return "" when a root can be built here, else one sentence saying what is missing."""
    if os.geteuid() != 0:
        return "Building a root file system needs root; the host's /usr is used instead."
    if shutil.which("debootstrap") is None:
        return "debootstrap is not installed; the host's /usr is used instead."
    distribution = host_distribution()
    if distribution is None:
        return "This host is not a Debian or Ubuntu with an apt mirror; its /usr is used instead."
    if not distribution.keyring.exists():
        return f"{distribution.keyring} is missing; the host's /usr is used instead."
    return ""


def base_root(
    state: Path,
    *,
    packages: Sequence[str] = (),
    on_progress: Callable[[str], None],
    cancel: threading.Event | None = None,
) -> Path | None:
    """Return a root with these Debian packages, built once; None when none can be built here.

    Raises EnvironmentBroken when a package does not exist or the mirror does not answer.
    """
    wanted = tuple(sorted(set(packages)))
    _check_names(wanted)
    roots = (state / "roots").resolve()
    missing = can_build_roots()
    distribution = host_distribution()
    if missing or distribution is None:
        if found := _any_root(roots, wanted, distribution):
            return found
        on_progress(missing)
        return None
    key = root_key(distribution, wanted)
    path = roots / key
    if _ready(path):
        return path
    below = base_root(state, on_progress=on_progress, cancel=cancel) if wanted else None
    with exclusive(
        roots / f"{key}.lock",
        on_wait=lambda: on_progress("waiting for another build of the root file system"),
        cancel=cancel,
    ):
        if not _ready(path):
            _build(path, distribution, below, wanted, on_progress, cancel)
    return path


def has_root(state: Path, packages: Sequence[str] = ()) -> bool:
    """Say whether `base_root` would return at once, with nothing to build."""
    distribution = host_distribution()
    if distribution is None or can_build_roots():
        return True
    return _ready((state / "roots").resolve() / root_key(distribution, tuple(sorted(set(packages)))))


def root_key(distribution: Distribution, packages: Sequence[str]) -> str:
    """Return the key of a root's content, fit for a file name and an image tag."""
    facts = (_FORMAT, distribution.suite, os.uname().machine, *distribution.packages, "+", *packages)
    return f"{distribution.suite}-{hashlib.sha256(' '.join(facts).encode()).hexdigest()[:16]}"


def root_python(root: Path) -> str:
    """Return the full version of a root's own Python 3, "" when it has none."""
    try:
        return (root / _PYTHON).read_text()
    except OSError:
        return ""


def root_usage(state: Path) -> tuple[RootUsage, ...]:
    """Return the roots below a state directory."""
    return tuple(
        RootUsage(path.name, path, disk_use(path), (path / STAMP).stat().st_mtime)
        for path in sorted((state / "roots").glob("*"))
        if (path / STAMP).exists()
    )


def remove_root(state: Path, key: str) -> None:
    """Remove a root; sandboxes that still run on it will break."""
    path = state / "roots" / (Path(key).name or "none")
    (path / STAMP).unlink(missing_ok=True)
    shutil.rmtree(path, ignore_errors=True)


def disk_use(folder: Path) -> int:
    """Return the bytes that a folder takes up on disk, links not followed."""
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            try:
                facts = os.lstat(os.path.join(where, name))  # noqa: PTH118 - tens of thousands of files
            except FileNotFoundError:
                continue
            total += facts.st_blocks * 512 // max(1, facts.st_nlink)
    return total


def _check_names(packages: Iterable[str]) -> None:
    for name in packages:
        if not _PACKAGE.fullmatch(name):
            raise EnvironmentBroken(
                f"{name!r} is not the name of a Debian package.", hint="Correct [environment] system."
            )


def _ready(path: Path) -> bool:
    if not (path / STAMP).exists():
        return False
    os.utime(path / STAMP)
    return True


def _any_root(roots: Path, packages: Sequence[str], distribution: Distribution | None) -> Path | None:
    # An ordinary user can use what root built before, but cannot touch its stamp.
    if distribution is None:
        return None
    path = roots / root_key(distribution, packages)
    return path if (path / STAMP).exists() else None


def _build(
    path: Path,
    distribution: Distribution,
    below: Path | None,
    packages: Sequence[str],
    on_progress: Callable[[str], None],
    cancel: threading.Event | None,
) -> None:
    for left in path.parent.glob(f".{path.name}.*"):
        shutil.rmtree(left, ignore_errors=True)
    folder = path.parent / f".{path.name}.{os.getpid()}"
    folder.mkdir(mode=0o755)
    log = path.parent / f"{path.name}.log"
    try:
        steps = _Steps(log, on_progress, cancel)
        if below is None:
            on_progress(f"building a {distribution.suite} root file system, once (about a minute)")
            _bootstrap(folder, distribution, steps)
        else:
            on_progress(f"installing {', '.join(packages)} into a root file system, once")
            steps.run(["cp", "-a", "--reflink=auto", f"{below}/.", str(folder)])
            (folder / STAMP).unlink(missing_ok=True)
            _install(folder, distribution, packages, steps)
        _clean(folder)
        _prepare(folder)
        (folder / _PYTHON).write_text(_installed_python(folder))
        (folder / STAMP).write_text(path.name)
        folder.rename(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bootstrap(folder: Path, distribution: Distribution, steps: "_Steps") -> None:
    include = ",".join(distribution.packages)
    steps.run(
        [
            *(
                "debootstrap",
                "--variant=minbase",
                f"--include={include}",
                f"--keyring={distribution.keyring}",
            ),
            *(distribution.suite, str(folder), distribution.mirror),
        ],
        say=re.compile(rb"^I: (Retrieving|Validating|Unpacking|Configuring) (\S+)"),
    )


def _prepare(folder: Path) -> None:
    """Make places for what is mounted, and let the loader find borrowed interpreters' libraries."""
    for name in ("workspace", "opt/env", "opt/python", "opt/ratchet", "opt/wheels", "opt/uv"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    libraries = folder / "usr/lib" / f"{os.uname().machine}-linux-gnu"
    # Interpreters built with a shared library look for it where they were installed, which is
    # nowhere in here. Last of all, because ldconfig removes links that lead nowhere.
    for number in range(OLDEST[1], _NEWEST_BORROWED):
        name = f"libpython3.{number}.so.1.0"
        if libraries.is_dir() and not os.path.lexists(libraries / name):
            (libraries / name).symlink_to(f"{INTERPRETER}/lib/{name}")


def _install(folder: Path, distribution: Distribution, packages: Sequence[str], steps: "_Steps") -> None:
    sources = folder / "etc/apt/sources.list"
    sources.write_text("\n".join(distribution.lines) + "\n")
    shutil.copyfile("/etc/resolv.conf", folder / "etc/resolv.conf")
    policy = folder / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    # Namespaces of its own, so that nothing a package starts or mounts is left behind.
    inside = ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", f"--mount-proc={folder}/proc"]
    inside += ["chroot", str(folder)]
    steps.run([*inside, *_APT, "update"])
    steps.run([*inside, *_APT, "install", "--no-install-recommends", *packages])
    policy.unlink()


def _clean(folder: Path) -> None:
    for name in ("var/cache/apt", "var/lib/apt/lists", "var/log", "tmp"):
        for path in (folder / name).glob("*"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()
    (folder / "etc/resolv.conf").unlink(missing_ok=True)
    (folder / "etc/hostname").unlink(missing_ok=True)
    for cache in folder.glob("usr/share/doc/*"):
        shutil.rmtree(cache, ignore_errors=True)


def _installed_python(folder: Path) -> str:
    status = (folder / "var/lib/dpkg/status").read_text(encoding="utf-8", errors="replace")
    match = re.search(r"^Package: python3\n(?:\S.*\n| .*\n)*?Version: (\d+\.\d+\.\d+)", status, re.MULTILINE)
    return match[1] if match else ""


class _Steps:
    """Commands that build a root, their output in one log."""

    def __init__(self, log: Path, on_progress: Callable[[str], None], cancel: threading.Event | None) -> None:
        self._log, self._on_progress, self._cancel = log, on_progress, cancel

    def run(self, argv: Sequence[str], say: "re.Pattern[bytes] | None" = None) -> None:
        """Run one to its end; raises EnvironmentBroken when it fails or the task is cancelled."""
        environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
        environment |= {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8", "PATH": _PATH}
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
            self._watch(process, say)
        if process.returncode != 0:
            raise self._failure(argv)

    def _watch(self, process: "subprocess.Popen[bytes]", say: "re.Pattern[bytes] | None") -> None:
        begun = told_at = time.monotonic()
        while True:
            try:
                process.wait(timeout=1.0)
                return
            except subprocess.TimeoutExpired:
                pass
            if (self._cancel is not None and self._cancel.is_set()) or time.monotonic() - begun > _SECONDS:
                os.killpg(process.pid, 9)
                process.wait()
                raise EnvironmentBroken("Building the root file system was cancelled or took too long.")
            if say is None or time.monotonic() - told_at < _SAY_EVERY:
                continue
            if line := _last_match(self._tail(), say):
                told_at = time.monotonic()
                self._on_progress(line.decode("utf-8", "replace").removeprefix("I: "))

    def _tail(self) -> bytes:
        with self._log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _KEPT_LOG))
            return log.read()

    def _failure(self, argv: Sequence[str]) -> EnvironmentBroken:
        text = self._tail().decode("utf-8", "replace")
        if found := re.search(r"Unable to locate package (\S+)", text):
            return EnvironmentBroken(
                f"There is no Debian package {found[1]}.",
                hint="Correct [environment] system in .ratchet.toml.",
                log=text,
            )
        return EnvironmentBroken(
            f"Building the root file system failed: {argv[0]} ended with an error.",
            hint=f"Check that the apt mirror answers; the whole log is {self._log}.",
            log=text,
        )


_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_PASSED = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "TMPDIR")


def _last_match(text: bytes, pattern: "re.Pattern[bytes]") -> bytes:
    return next((line for line in reversed(text.splitlines()) if pattern.match(line)), b"")
