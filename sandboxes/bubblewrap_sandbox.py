"""Sandboxes made by bubblewrap: namespaces without a daemon, as root or as an ordinary user."""

import os
import shutil
import tempfile
import weakref
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from sandboxes.bubblewrap_root import Root, write_files
from sandboxes.bubblewrap_start import FILTER_FD, NOBODY, Starter, Step
from sandboxes.cgroups import Group, Hierarchy, find_hierarchies, make_group, reap_groups
from sandboxes.errors import SandboxError, SandboxLost, SandboxUnavailable
from sandboxes.guest_files import WORKER
from sandboxes.owner import is_orphan, new_name
from sandboxes.sandbox import GUEST, Command, InForce, Limits, Probe, SandboxKind, SandboxSpec
from sandboxes.seccomp import seccomp_filter
from sandboxes.transport import PipeTransport, start_process
from sandboxes.worker_sandbox import WorkerSandbox

REMEDY = "install bubblewrap 0.8 or newer (Debian, Ubuntu: apt install bubblewrap) and allow user namespaces"
SUFFIX = "-bubblewrap"
FILTER = "filter"
_ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
_ISOLATION = (
    *("--unshare-all", "--unshare-user", "--disable-userns", "--uid", str(NOBODY), "--gid", str(NOBODY)),
    *("--cap-drop", "ALL", "--new-session", "--die-with-parent", "--as-pid-1", "--clearenv"),
    *("--hostname", "sandbox"),
)


class BubblewrapBackend:
    """Makes sandboxes with `bwrap`; small files of its own lie in a private temporary folder."""

    def __init__(self) -> None:
        # --die-with-parent means the thread that started bwrap: it has to live as long as we do.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ratchet bubblewrap")

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
        detail = "bubblewrap runs programs"
        return Probe(self.kind, True, detail, missing_limits=missing, warnings=self._warnings())

    def open(self, spec: SandboxSpec) -> WorkerSandbox:
        """Make a sandbox; raises SandboxError."""
        root = Root(spec, self._folder, self._starter)
        group = make_group(self._hierarchies, spec.limits)
        try:
            process = self._thread.submit(start_process, self._command(spec, root, group), env=_ENV).result()
            return self._connect(spec, group, PipeTransport(process))
        except BaseException:
            group.remove()
            raise

    def reap(self) -> int:
        """Remove groups and folders whose owner process is gone; returns how many sandboxes."""
        return _reap(self._hierarchies)

    def _command(self, spec: SandboxSpec, root: Root, group: Group) -> list[str]:
        steps = [*(Step("join", file) for file in group.joins), *root.steps]
        arguments = ["--share-net"] if spec.network else []
        arguments += root.arguments
        for folder, target in group.views:
            arguments += ["--ro-bind", str(folder), target]
        if (program := self._folder / FILTER).exists():
            steps.append(Step("filter", str(program)))
            arguments += ["--seccomp", FILTER_FD]
        arguments += ["--remount-ro", "/", "--chdir", "/", "--"]
        arguments += [spec.python, "-I", "-S", f"{GUEST}/{WORKER}", "--own-pid-namespace"]
        return self._starter.command(arguments, tuple(steps))

    def _connect(self, spec: SandboxSpec, group: Group, transport: PipeTransport) -> WorkerSandbox:
        in_force = InForce(
            SandboxKind.BUBBLEWRAP,
            image=str(spec.root) if spec.root else "host /usr",
            network="host" if spec.network else "none",
            missing_limits=self._missing(group),
        )
        try:
            return WorkerSandbox(
                transport,
                in_force,
                # Through self, because the thread that bwrap must not outlive ends with us.
                on_close=lambda: self._end(group),
                spec=spec,
                rlimits=_rlimits(spec.limits, group),
            )
        except SandboxLost as error:
            raise SandboxError("bubblewrap could not start a sandbox", log=transport.complaint) from error

    @staticmethod
    def _end(group: Group) -> None:
        group.remove()

    def _warnings(self) -> tuple[str, ...]:
        found = []
        if os.geteuid() == 0 and not self._starter.drops:
            found.append("The code keeps root's own id on the host's kernel, though in a user namespace.")
        if not (self._folder / FILTER).exists():
            found.append("No system call filter is known for this machine.")
        return tuple(found)

    def _missing(self, group: Group) -> tuple[str, ...]:
        missing = [name for name in ("memory", "pids", "cpus") if name not in group.enforced]
        if not self._starter.drops:
            missing.append("inodes")
        return tuple(missing)

    @cached_property
    def _starter(self) -> Starter:
        program = shutil.which("bwrap")
        if program is None:
            raise SandboxUnavailable("bubblewrap is not installed", hint=REMEDY)
        return Starter(self._folder, program, _ISOLATION)

    @cached_property
    def _hierarchies(self) -> tuple[Hierarchy, ...]:
        found = find_hierarchies()
        _reap(found)
        return found

    @cached_property
    def _folder(self) -> Path:
        folder = Path(tempfile.gettempdir()) / f"{new_name()}{SUFFIX}"
        folder.mkdir(mode=0o755)
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        write_files(folder)
        if (program := seccomp_filter()) is not None:
            (folder / FILTER).write_bytes(program)
        return folder


def _reap(hierarchies: tuple[Hierarchy, ...]) -> int:
    for folder in Path(tempfile.gettempdir()).glob(f"ratchet-*{SUFFIX}"):
        if is_orphan(folder.name.removesuffix(SUFFIX)):
            shutil.rmtree(folder, ignore_errors=True)
    return reap_groups(hierarchies)


def _rlimits(limits: Limits, group: Group) -> dict[str, int]:
    """Bound each process where the whole cannot be bounded; still named as missing, since it is less."""
    bounds = {}
    if "memory" not in group.enforced:
        bounds["DATA"] = limits.memory
    if "pids" not in group.enforced:
        bounds["NPROC"] = limits.pids
    return bounds
