"""Plain subprocesses of the host: no isolation at all, only on explicit demand."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from sandboxes.errors import SandboxError, SandboxLost
from sandboxes.guest_files import GUEST_DIR, WORKER
from sandboxes.owner import descendants, is_orphan, new_name
from sandboxes.places import Places
from sandboxes.sandbox import GUEST, WORKSPACE, Command, InForce, Probe, SandboxKind, SandboxSpec
from sandboxes.transport import PipeTransport, start_process
from sandboxes.worker_sandbox import WorkerSandbox

MISSING = ("filesystem", "network", "memory", "pids", "cpus", "workspace", "tmp", "inodes")
SUFFIX = "-process"


class ProcessBackend:
    """Runs commands as subprocesses with a private folder as workspace.

    Nothing is mounted: /workspace, /tmp, /opt/ratchet and each mount's target are replaced by their
    host paths wherever they stand as a path in arguments, working directory and environment values;
    files that name such a path inside are not changed. A root is not used.
    """

    @property
    def kind(self) -> SandboxKind:
        """Name the backend."""
        return SandboxKind.PROCESS

    def probe(self) -> Probe:
        """Run something."""
        sandbox = self.open(SandboxSpec(root=None))
        try:
            result = sandbox.run(Command(("true",), seconds=10))
        finally:
            sandbox.close()
        detail = "runs programs without isolation" if result.ok else f"`true` ended as {result.ending}"
        return Probe(self.kind, result.ok, detail, missing_limits=MISSING)

    def open(self, spec: SandboxSpec) -> WorkerSandbox:
        """Make a private folder and a worker in it; raises SandboxError."""
        self.reap()
        folder = Path(tempfile.gettempdir()) / f"{new_name()}{SUFFIX}"
        folder.mkdir(mode=0o700)
        for name in ("workspace", "tmp"):
            (folder / name).mkdir()
        places = _places(folder, spec)
        python = Path(places.path(spec.python))
        interpreter = str(python) if python.exists() else sys.executable
        argv = [interpreter, "-I", "-S", str(GUEST_DIR / WORKER)]
        process = start_process(argv, env={"PATH": os.defpath, "LANG": "C.UTF-8"})
        transport = PipeTransport(process, before_kill=lambda: _kill_below(process.pid))
        in_force = InForce(SandboxKind.PROCESS, image="host", network="host", missing_limits=MISSING)
        try:
            return WorkerSandbox(
                transport, in_force, on_close=lambda: _remove(folder), spec=spec, places=places
            )
        except SandboxLost as error:
            raise SandboxError(error.message, log=transport.complaint) from error

    def reap(self) -> int:
        """Remove the folders of owners that are gone."""
        count = 0
        for folder in Path(tempfile.gettempdir()).glob(f"ratchet-*{SUFFIX}"):
            if is_orphan(folder.name.removesuffix(SUFFIX)):
                _remove(folder)
                count += 1
        return count


def _places(folder: Path, spec: SandboxSpec) -> Places:
    paths = {WORKSPACE: str(folder / "workspace"), "/tmp": str(folder / "tmp"), GUEST: str(GUEST_DIR)}
    return Places(paths | {mount.target: str(mount.source) for mount in spec.mounts})


def _kill_below(worker: int) -> None:
    """Kill what the worker runs while the worker, as their reaper, still holds the tree together."""
    for _ in range(100):
        below = descendants(worker)
        if not below:
            return
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _remove(folder: Path) -> None:
    # Not shutil: the tested code may have made a tree deeper than Python recurses. By its absolute
    # path, since nothing in a user's PATH is asked for help here.
    subprocess.run(["/bin/rm", "-rf", "--", str(folder)], check=False, capture_output=True)
