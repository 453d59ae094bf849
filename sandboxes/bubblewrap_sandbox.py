"""Sandboxes made by bubblewrap: namespaces without a daemon, as root or as an ordinary user."""

import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from sandboxes.bubblewrap_root import file_system, write_etc
from sandboxes.cgroups import Group, Hierarchy, find_hierarchies, make_group, reap_groups
from sandboxes.errors import SandboxError, SandboxLost, SandboxUnavailable
from sandboxes.guest_files import WORKER
from sandboxes.owner import is_orphan, new_name
from sandboxes.sandbox import GUEST, Command, InForce, Limits, Probe, SandboxKind, SandboxSpec
from sandboxes.transport import PipeTransport, start_process
from sandboxes.worker_sandbox import WorkerSandbox

UID = "65534"
REMEDY = "install bubblewrap (Debian/Ubuntu: apt install bubblewrap) and allow user namespaces"
_ISOLATION = (
    "--unshare-all --unshare-user --cap-drop ALL --disable-userns --new-session --die-with-parent --as-pid-1 "
    f"--clearenv --hostname sandbox --uid {UID} --gid {UID}"
).split()
_JOIN = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 125; shift; done; shift; exec "$@"'
"""A shell that joins the groups named before `--` and becomes the command after it."""


class BubblewrapBackend:
    """Makes sandboxes with `bwrap`; small files of its own lie in a private temporary folder."""

    def __init__(self) -> None:
        # --die-with-parent means the thread that started bwrap: it has to live as long as we do.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ratchet bubblewrap")

    @property
    def kind(self) -> SandboxKind:
        """Name the backend."""
        return SandboxKind.BUBBLEWRAP

    def probe(self) -> Probe:
        """Find out, by running something, whether sandboxes can be made and what they enforce."""
        try:
            sandbox = self.open(SandboxSpec(root=None))
        except SandboxError as error:
            detail = f"{error.message}: {error.log}" if error.log else error.message
            return Probe(self.kind, False, detail, remedy=error.hint or REMEDY)
        try:
            result = sandbox.run(Command(("true",), cwd="/", seconds=10))
            missing = sandbox.in_force.missing_limits
        finally:
            sandbox.close()
        if not result.ok:
            return Probe(self.kind, False, f"`true` ended as {result.ending}", remedy=REMEDY)
        return Probe(self.kind, True, "bubblewrap runs programs", missing_limits=missing)

    def open(self, spec: SandboxSpec) -> WorkerSandbox:
        """Make a sandbox; raises SandboxError."""
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxUnavailable("bubblewrap is not installed", hint=REMEDY)
        group = make_group(self._hierarchies, spec.limits)
        argv = ["/bin/sh", "-c", _JOIN, "sh", *group.joins, "--", program, *_ISOLATION]
        argv += ["--share-net"] if spec.network else []
        argv += file_system(spec, self._etc)
        for folder, target in group.views:
            argv += ["--ro-bind", str(folder), target]
        argv += ["--remount-ro", "/", "--chdir", "/", "--"]
        argv += [spec.python, "-I", "-S", f"{GUEST}/{WORKER}", "--own-pid-namespace"]
        process = self._starter.submit(start_process, argv, env={"PATH": "/usr/bin:/bin"}).result()
        transport = PipeTransport(process)
        in_force = _in_force(spec, group)
        try:
            return WorkerSandbox(
                transport, in_force, on_close=group.remove, spec=spec, rlimits=_rlimits(spec.limits, group)
            )
        except SandboxLost as error:
            raise SandboxUnavailable(error.message, hint=REMEDY, log=transport.complaint) from error

    def reap(self) -> int:
        """Remove groups and folders whose owner process is gone."""
        count = reap_groups(self._hierarchies)
        for folder in Path(tempfile.gettempdir()).glob("ratchet-*-bubblewrap"):
            if is_orphan(folder.name.removesuffix("-bubblewrap")):
                shutil.rmtree(folder, ignore_errors=True)
        return count

    @cached_property
    def _hierarchies(self) -> tuple[Hierarchy, ...]:
        return find_hierarchies()

    @cached_property
    def _etc(self) -> Path:
        folder = Path(tempfile.gettempdir()) / f"{new_name()}-bubblewrap"
        folder.mkdir(mode=0o755)
        return write_etc(folder)


def _in_force(spec: SandboxSpec, group: Group) -> InForce:
    wanted = ("memory", "pids", "cpus")
    missing = tuple(name for name in wanted if name not in group.enforced)
    return InForce(
        SandboxKind.BUBBLEWRAP,
        image=str(spec.root) if spec.root else "host /usr",
        network="host" if spec.network else "none",
        missing_limits=(*missing, "inodes"),
    )


def _rlimits(limits: Limits, group: Group) -> dict[str, int]:
    """Bound each process where the whole cannot be bounded; still named as missing, since it is less."""
    bounds = {}
    if "memory" not in group.enforced:
        bounds["DATA"] = limits.memory
    if "pids" not in group.enforced:
        bounds["NPROC"] = limits.pids
    return bounds
