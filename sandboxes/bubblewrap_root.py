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
_NOT_OPENED = ("etc/resolv.conf", "etc/hostname", "opt/env", "opt/ratchet", "var/tmp", "var/run", "var/lock")
_HOST = (
    *("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc/alternatives", "etc/ld.so.cache"),
    *("etc/ld.so.conf", "etc/ld.so.conf.d", "etc/localtime", "etc/mime.types", "etc/services"),
)
"""Of the host only its programs and what they need to be found."""
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
        if writable and self._starter.drops:
            os.chown(source, NOBODY, NOBODY)
        self.arguments += ["--bind" if writable else "--ro-bind", str(self._reach(source)), target]

    def _reach(self, source: Path) -> Path:
        """Return where the user that runs bwrap finds a path, bound there by root if need be."""
        if not self._starter.drops or reachable(source):
            return source
        place = self._starter.place(f"mount{len(self.steps)}", file=source.is_file())
        self.steps.append(Step("bind", str(source), str(place)))
        return place

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
        root = spec.root or Path("/")
        base = self._reach(root)
        for name in _own_root(root, spec.network) if spec.root else _HOST:
            entry = root / name
            # A link of a root of its own may only be followed inside of it.
            if entry.is_symlink() and (spec.root or "/" not in name):
                self.arguments += ["--symlink", str(entry.readlink()), f"/{name}"]
            elif entry.exists():
                self.arguments += ["--ro-bind", str(base / name), f"/{name}"]
        for name in _WRITTEN_ETC:
            self._bind(self._folder / "etc" / name, f"/etc/{name}")
        if spec.network:
            for name in _ONLINE_ETC:
                if (entry := Path("/etc", name)).exists() and (spec.root is None or name == "resolv.conf"):
                    self._bind(entry.resolve(), f"/etc/{name}")


def _own_root(root: Path, network: bool) -> Iterator[str]:
    """Name all of a root that was made to be run, but for what a sandbox has of its own.

    A mount needs something to be mounted on: an /etc that has all the files to be replaced is shown as
    it is, which takes a tenth of the time of its entries one by one.
    """
    replaced = (*_WRITTEN_ETC, *(("resolv.conf",) if network else ()))
    whole = all((root / "etc" / name).is_file() for name in replaced)
    for entry in sorted(root.iterdir()):
        if entry.name in _OPENED and not entry.is_symlink() and not (whole and entry.name == "etc"):
            yield from _opened(entry)
        elif entry.name not in _OWN and (entry.is_dir() or entry.is_symlink()):
            yield entry.name


def _opened(folder: Path) -> Iterator[str]:
    ours = (*(f"etc/{name}" for name in _WRITTEN_ETC), *_NOT_OPENED)
    names = (f"{folder.name}/{entry.name}" for entry in sorted(folder.iterdir()))
    yield from (name for name in names if name not in ours)
