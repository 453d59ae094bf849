"""A root made of this machine's own /usr, read-only: nothing to download or to build."""

import contextlib
import hashlib
import sys
from dataclasses import replace
from pathlib import Path

from sandboxes.sandbox import Mount, SandboxSpec

_SYSTEM_PYTHON = SandboxSpec(root=None).python
_LINKS = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
_EMPTY = ("dev", "etc", "opt", "proc", "root", "run", "sys", "tmp", "usr", "var", "workspace")
_BORROWED_ETC = ("alternatives", "ld.so.cache", "ld.so.conf.d", "ssl")
_OWN_ETC = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}


def on_host_root(spec: SandboxSpec, directory: Path) -> SandboxSpec:
    """Put a spec on an almost empty root, made at `directory`, that borrows the host's programs.

    Its interpreter is the host's /usr/bin/python3, or where there is none this process's own.
    """
    links = {name: str(Path("/", name).readlink()) for name in _LINKS if Path("/", name).is_symlink()}
    _make(directory, links)
    borrowed = [Path("/usr"), *(Path("/etc", name) for name in _BORROWED_ETC)]
    borrowed += [Path("/", name) for name in _LINKS if name not in links]
    if spec.python == _SYSTEM_PYTHON and not Path(_SYSTEM_PYTHON).exists():
        own = Path(sys.base_prefix)
        spec = replace(spec, python=str(own / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"))
        borrowed.append(own)
    taken = {mount.target for mount in spec.mounts}
    mounts = tuple(Mount(path, str(path)) for path in borrowed if path.exists() and str(path) not in taken)
    return replace(spec, root=directory, mounts=(*mounts, *spec.mounts))


def _make(directory: Path, links: dict[str, str]) -> None:
    for name in _EMPTY:
        (directory / name).mkdir(parents=True, exist_ok=True)
    for name, target in links.items():
        # Two processes may make it at once.
        with contextlib.suppress(FileExistsError):
            (directory / name).symlink_to(target)
    for name, text in _OWN_ETC.items():
        (directory / "etc" / name).write_text(text)
    (directory / "tmp").chmod(0o1777)
    key = hashlib.sha256(repr((sorted(links.items()), _EMPTY, sorted(_OWN_ETC.items()))).encode())
    (directory / ".ratchet-root").write_text(f"host-{key.hexdigest()[:16]}")
