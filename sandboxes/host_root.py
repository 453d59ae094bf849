"""A root made of this machine's own /usr, read-only: no download, enough to try a backend out."""

import contextlib
import sys
from pathlib import Path

from sandboxes.sandbox import Limits, Mount, SandboxSpec

_LINKS = ("bin", "lib", "lib32", "lib64", "libx32", "sbin")
_EMPTY = ("dev", "etc", "opt", "proc", "root", "run", "sys", "tmp", "usr", "var", "workspace")
_PASSWD = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n"
_GROUP = "root:x:0:\nnogroup:x:65534:\n"


def host_root(directory: Path, *, limits: Limits) -> SandboxSpec:
    """Return a sandbox on an almost empty root, made at `directory`, that borrows /usr and this Python."""
    links = {name: str(Path("/", name).readlink()) for name in _LINKS if Path("/", name).is_symlink()}
    _make(directory, links)
    borrowed = [Path("/usr")]
    borrowed += [Path("/", name) for name in _LINKS if name not in links and Path("/", name).is_dir()]
    python = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if not python.is_relative_to("/usr"):
        borrowed.append(Path(sys.base_prefix))
    mounts = tuple(Mount(path, str(path)) for path in borrowed)
    return SandboxSpec(root=directory, mounts=mounts, limits=limits, python=str(python))


def _make(directory: Path, links: dict[str, str]) -> None:
    for name in _EMPTY:
        (directory / name).mkdir(parents=True, exist_ok=True)
    for name, target in links.items():
        # Two processes may make it at once.
        with contextlib.suppress(FileExistsError):
            (directory / name).symlink_to(target)
    (directory / "etc/passwd").write_text(_PASSWD)
    (directory / "etc/group").write_text(_GROUP)
    stamp = "host-" + "-".join(sorted(links))
    (directory / ".ratchet-root").write_text(stamp)
