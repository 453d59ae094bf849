"""Throw-away environments with real test runners, and sandboxes with a few files in them."""

import hashlib
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from uv import find_uv_bin

from agent.protocol.check import Check, CheckKind, Run, TestStatus
from agent.verify.run_check import run_check
from sandboxes.bubblewrap_sandbox import BubblewrapBackend
from sandboxes.choose import choose
from sandboxes.environment import Environment
from sandboxes.interpreters import find
from sandboxes.locks import exclusive
from sandboxes.sandbox import Backend, Command, Limits, Mount, Sandbox

PYTEST = Check(name="pytest", kind=CheckKind.PYTEST)
UNITTEST = Check(name="unittest", kind=CheckKind.UNITTEST, argv=("discover",))
Files = Mapping[str, str | bytes]


def shell(command: str, name: str = "command") -> Check:
    """Return a check that is a shell command."""
    return Check(name=name, kind=CheckKind.OPAQUE, argv=("sh", "-c", command), declared=True)


def any_backend(state: Path) -> Backend:
    """Return the backend with the quickest start, bubblewrap, or what else works here."""
    backend = BubblewrapBackend()
    return backend if backend.probe().available else choose("auto", state)[0]


def runner_environment(state: Path, packages: tuple[str, ...], pythons: tuple[str, ...] = ()) -> Environment:
    """Install packages for the first of the Pythons that the host has, else the one running; kept."""
    found = next((interpreter for minor in pythons if (interpreter := find(minor))), None)
    prefix = found.prefix if found else Path(sys.base_prefix)
    executable = prefix / (found.executable if found else f"bin/python3.{sys.version_info.minor}")
    key = hashlib.sha256(repr((str(executable), sorted(packages))).encode()).hexdigest()[:16]
    folder = state / "runners" / key
    with exclusive(state / "runners" / f"{key}.lock", on_wait=lambda: None):
        if not folder.exists():
            _install(folder, executable, packages)
    mounts = [Mount(folder, "/opt/env")]
    if prefix != Path("/usr"):
        mounts.append(Mount(prefix, str(prefix)))
    env = {"PATH": "/opt/env/bin:/usr/local/bin:/usr/bin:/bin"}
    return Environment(key=key, root=None, mounts=tuple(mounts), python="/opt/env/bin/python", env=env)


def _install(folder: Path, executable: Path, packages: tuple[str, ...]) -> None:
    building = Path(tempfile.mkdtemp(dir=folder.parent))
    building.chmod(0o755)
    env = {**os.environ, "UV_LINK_MODE": "copy"}
    uv = find_uv_bin()
    new = [uv, "venv", "-q", "--allow-existing", "--python", str(executable), str(building)]
    subprocess.run(new, check=True, env=env)
    target = [
        uv,
        "pip",
        "install",
        "-q",
        "--compile-bytecode",
        "--python",
        str(building / "bin/python"),
        *packages,
    ]
    subprocess.run(target, check=True, env=env)
    building.rename(folder)


@dataclass(frozen=True, slots=True)
class Lab:
    """A backend and an environment; every run gets a fresh sandbox."""

    backend: Backend
    environment: Environment

    @contextmanager
    def sandbox(self, files: Files) -> Iterator[Sandbox]:
        """Open a sandbox with files in its workspace."""
        with closing(self.backend.open(self.environment.spec(Limits()))) as opened:
            opened.unpack([tar_of(files)])
            yield opened

    def run(
        self,
        files: Files,
        check: Check = PYTEST,
        *,
        select: tuple[str, ...] = (),
        seconds: float = 60,
        test_seconds: float = 20,
        plugins: tuple[str, ...] = (),
    ) -> Run:
        """Run a check on files."""
        with self.sandbox(files) as opened:
            return run_check(
                opened,
                check,
                python=self.environment.python,
                select=select,
                seconds=seconds,
                test_seconds=test_seconds,
                plugins=plugins,
            )

    def directly(self, files: Files, *args: str) -> dict[str, TestStatus]:
        """Run pytest without any of our code and read what it prints for each test."""
        argv = (self.environment.python, "-m", "pytest", "-v", "-p", "no:cacheprovider", *args)
        env = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "COLUMNS": "400"}
        with self.sandbox(files) as opened:
            return read_verbose(opened.run(Command(argv, env=env, keep_output=8 << 20)).stdout.text)


_LINE = re.compile(
    r"^(?P<id>\S.*?) (?P<word>PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)( \(.*\))?\s+\[ *\d+%\]$"
)
_BROKEN = re.compile(r"^ERROR (?P<id>[^\s:]+)( - .*)?$")
_STATUS = {
    "PASSED": TestStatus.PASSED,
    "FAILED": TestStatus.FAILED,
    "ERROR": TestStatus.ERROR,
    "SKIPPED": TestStatus.SKIPPED,
    "XFAIL": TestStatus.XFAILED,
    "XPASS": TestStatus.XPASSED,
}


def read_verbose(text: str) -> dict[str, TestStatus]:
    """Read `pytest -v`: an error after a pass is an error, one after a failure changes nothing."""
    found: dict[str, TestStatus] = {}
    for line in text.splitlines():
        broken, match = _BROKEN.match(line), _LINE.match(line)
        if broken:
            found[broken["id"]] = TestStatus.ERROR
        elif match and found.get(match["id"]) is not TestStatus.FAILED:
            found[match["id"]] = _STATUS[match["word"]]
    return found


def statuses(run: Run) -> dict[str, TestStatus]:
    """Return test id -> status."""
    return {test.id: test.status for test in run.tests}


def tar_of(files: Files) -> bytes:
    """Return files as a tar."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()
