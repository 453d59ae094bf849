"""The file system of a bubblewrap sandbox, as arguments of bwrap."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from sandboxes.bubblewrap_start import NOBODY, Starter, Step, reachable
from sandboxes.guest_files import GUEST_DIR
from sandboxes.sandbox import GUEST, MIB, WORKSPACE, Limits, SandboxSpec

_SHM = 64 * MIB
_OWN = ("proc", "sys", "dev", "tmp", "run", "root", "home", "boot", "mnt", "media", "srv", "workspace")
"""Entries of a root that the sandbox has its own of, or none."""
_OPENED = ("etc", "opt", "var")
"""Directories of a root whose entries are bound one by one, since something of ours goes between them."""
_HOST_ETC = (
    "alternatives",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "services",
)
_ONLINE_ETC = ("ssl", "ca-certificates", "pki", "resolv.conf", "gai.conf")
_WRITTEN_ETC = {
    "passwd": "root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def write_files(folder: Path) -> None:
    """Write what every sandbox shows of ours: a few files of /etc, and the guest code readable by all."""
    (folder / "etc").mkdir(mode=0o755)
    for name, text in _WRITTEN_ETC.items():
        (folder / "etc" / name).write_text(text)
    shutil.copytree(GUEST_DIR, folder / "guest", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (*folder.rglob("*"),):
        path.chmod(0o755 if path.is_dir() else 0o644)


class Root:
    """Collects the arguments of one sandbox, and the steps that have to come before bwrap."""

    def __init__(self, spec: SandboxSpec, folder: Path, starter: Starter) -> None:
        self.steps: list[Step] = []
        self.arguments: list[str] = []
        self._folder = folder
        self._starter = starter
        self._system(spec)
        self._devices(spec.limits)
        self._disk("/tmp", spec.limits.tmp, spec.limits, "1777")
        self._disk(WORKSPACE, spec.limits.workspace, spec.limits, "0755")
        for mount in spec.mounts:
            self._bind(mount.source, mount.target, writable=mount.writable)
        self._bind(folder / "guest", GUEST)

    def _bind(self, source: Path, target: str, *, writable: bool = False) -> None:
        if self._starter.drops:
            if writable:
                os.chown(source, NOBODY, NOBODY)
            if not reachable(source):
                place = self._starter.place(f"mount{len(self.steps)}", file=source.is_file())
                self.steps.append(Step("bind", str(source), str(place)))
                source = place
        self.arguments += ["--bind" if writable else "--ro-bind", str(source), target]

    def _disk(self, target: str, size: int, limits: Limits, mode: str) -> None:
        """Show a sized tmpfs; one that root mounts can be bounded in files too, bwrap's own cannot."""
        if not self._starter.drops:
            self.arguments += ["--perms", mode, "--size", str(size), "--tmpfs", target]
            return
        place = self._starter.place(target.strip("/"))
        options = f"size={size},nr_inodes={limits.inodes},mode={mode},uid={NOBODY},gid={NOBODY},nosuid,nodev"
        self.steps.append(Step("tmpfs", options, str(place)))
        self.arguments += ["--bind", str(place), target]

    def _devices(self, limits: Limits) -> None:
        shm = str(min(_SHM, limits.tmp))
        self.arguments += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--size", shm]
        self.arguments += ["--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
        self.arguments += ["--dir", "/run", "--symlink", "/tmp", "/var/tmp"]

    def _system(self, spec: SandboxSpec) -> None:
        for folder in ("/etc", "/opt", "/var", "/sys"):
            self.arguments += ["--perms", "0755", "--dir", folder]
        for entry, target in _own_root(spec.root) if spec.root else _host_root():
            if entry.is_symlink() and entry.parent == (spec.root or Path("/")):
                self.arguments += ["--symlink", str(entry.readlink()), target]
            elif entry.exists():
                self._bind(entry, target)
        for name in _WRITTEN_ETC:
            self._bind(self._folder / "etc" / name, f"/etc/{name}")
        if spec.network:
            for name in _ONLINE_ETC:
                if (entry := Path("/etc", name)).exists() and (spec.root is None or name == "resolv.conf"):
                    self._bind(entry.resolve(), f"/etc/{name}")


def _host_root() -> Iterator[tuple[Path, str]]:
    """Of the host only its programs and what they need to be found."""
    for name in ("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        yield Path("/", name), f"/{name}"
    for name in _HOST_ETC:
        yield Path("/etc", name), f"/etc/{name}"


def _own_root(root: Path) -> Iterator[tuple[Path, str]]:
    """All of a root that was made to be run, but for what a sandbox has of its own."""
    for entry in sorted(root.iterdir()):
        if entry.name in _OPENED and not entry.is_symlink():
            yield from _opened(entry)
        elif entry.is_dir() and entry.name not in _OWN:
            yield entry, f"/{entry.name}"


def _opened(folder: Path) -> Iterator[tuple[Path, str]]:
    for entry in sorted(folder.iterdir()):
        target = f"/{folder.name}/{entry.name}"
        ours = folder.name == "etc" and entry.name in (*_WRITTEN_ETC, "resolv.conf", "hostname")
        if not ours and target not in ("/var/tmp", "/var/run", "/var/lock", "/opt/env", GUEST):
            yield entry, target
