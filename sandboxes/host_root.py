"""A root made of this machine's own /usr, read-only: nothing to download or to build."""

import hashlib
import shutil
import sys
import tempfile
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
    """Put a spec on an almost empty root, made once below `directory`, that borrows the host's programs.

    Its interpreter is the host's /usr/bin/python3, or where there is none this process's own.
    """
    links = {name: str(Path("/", name).readlink()) for name in _LINKS if Path("/", name).is_symlink()}
    borrowed = [Path("/usr"), *(Path("/etc", name) for name in _BORROWED_ETC)]
    borrowed += [Path("/", name) for name in _LINKS if name not in links]
    if spec.python == _SYSTEM_PYTHON and not Path(_SYSTEM_PYTHON).exists():
        own = Path(sys.base_prefix)
        spec = replace(spec, python=str(own / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"))
        borrowed.append(own)
    taken = {mount.target for mount in spec.mounts}
    mounts = tuple(Mount(path, str(path)) for path in borrowed if path.exists() and str(path) not in taken)
    return replace(spec, root=_made(directory, links), mounts=(*mounts, *spec.mounts))


def _made(directory: Path, links: dict[str, str]) -> Path:
    content = repr((sorted(links.items()), _EMPTY, sorted(_OWN_ETC.items()))).encode()
    key = f"host-{hashlib.sha256(content).hexdigest()[:16]}"
    root = directory / key
    if root.is_dir():
        return root
    directory.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=directory, prefix=".draft-"))
    try:
        _fill(draft, links)
        (draft / ".ratchet-root").write_text(key)
        draft.rename(root)
    except OSError:
        # Another process may have been first; its root is the same.
        if not root.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return root


def _fill(root: Path, links: dict[str, str]) -> None:
    for name in _EMPTY:
        (root / name).mkdir()
    for name, target in links.items():
        (root / name).symlink_to(target)
    for name, text in _OWN_ETC.items():
        (root / "etc" / name).write_text(text)
    # Whatever the umask says: code inside is nobody, and has to get through.
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    (root / "tmp").chmod(0o1777)
