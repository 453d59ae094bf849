"""The file system of a bubblewrap sandbox, as arguments of bwrap."""

from collections.abc import Iterator
from pathlib import Path

from sandboxes.guest_files import GUEST_DIR
from sandboxes.sandbox import GUEST, MIB, WORKSPACE, SandboxSpec

_NOT_BOUND = frozenset(
    (
        "proc",
        "sys",
        "dev",
        "tmp",
        "run",
        "root",
        "home",
        "boot",
        "mnt",
        "media",
        "srv",
        "workspace",
        "opt",
        "var",
    )
)
_ETC = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "services")
_ETC_ONLINE = ("ssl", "ca-certificates", "pki", "resolv.conf", "gai.conf")
_OWN_ETC = {
    "passwd": "root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def write_etc(folder: Path) -> Path:
    """Write the few files of /etc that programs expect; returns the folder."""
    for name, text in _OWN_ETC.items():
        (folder / name).write_text(text)
    return folder


def file_system(spec: SandboxSpec, etc: Path) -> list[str]:
    """Return the arguments that build the sandbox's root, read-only but for workspace, /tmp and mounts."""
    limits = spec.limits
    arguments = [*_system(spec.root or Path("/"), spec.network, etc, own=spec.root is not None)]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--size", str(64 * MIB), "--tmpfs", "/dev/shm"]
    arguments += ["--remount-ro", "/dev", "--dir", "/run", "--dir", "/var", "--symlink", "/tmp", "/var/tmp"]
    arguments += ["--perms", "1777", "--size", str(limits.tmp), "--tmpfs", "/tmp"]
    arguments += ["--size", str(limits.workspace), "--tmpfs", WORKSPACE]
    for mount in spec.mounts:
        arguments += ["--bind" if mount.writable else "--ro-bind", str(mount.source), mount.target]
    return [*arguments, "--ro-bind", str(GUEST_DIR), GUEST]


def _system(root: Path, network: bool, etc: Path, own: bool) -> Iterator[str]:
    """Bind the programs of a root; of the host's own root only /usr and what points into it."""
    for entry in sorted(root.iterdir()):
        if entry.name in _NOT_BOUND or entry.name == "etc":
            continue
        if entry.is_symlink():
            yield from ("--symlink", str(entry.readlink()), f"/{entry.name}")
        elif entry.is_dir() and (own or entry.name == "usr" or entry.name.startswith(("lib", "bin", "sbin"))):
            yield from ("--ro-bind", str(entry), f"/{entry.name}")
    for name in _OWN_ETC:
        yield from ("--ro-bind", str(etc / name), f"/etc/{name}")
    for entry in sorted((root / "etc").iterdir()) if own else [Path("/etc") / n for n in _ETC]:
        online = entry.name in _ETC_ONLINE and not network
        if entry.exists() and entry.name not in _OWN_ETC and not online:
            yield from ("--ro-bind", str(entry), f"/etc/{entry.name}")
    if network:
        for name in _ETC_ONLINE:
            if (entry := Path("/etc") / name).exists() and not (own and name != "resolv.conf"):
                yield from ("--ro-bind", str(entry.resolve()), f"/etc/{name}")
    if own:
        for part in ("opt", "var/lib"):
            folder = root / part
            for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
                if entry.is_dir() and not entry.is_symlink():
                    yield from ("--ro-bind", str(entry), f"/{part}/{entry.name}")
