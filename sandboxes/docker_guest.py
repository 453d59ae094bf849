"""A copy of the guest code that every engine can mount and every uid can read."""

import hashlib
import shutil
import tempfile
from pathlib import Path

from sandboxes.guest_files import GUEST_DIR


def staged_guest(state: Path) -> Path:
    """Return a directory with the guest code, named after its content.

    The installed package may lie where the engine's virtual machine sees nothing, or be
    readable by its owner only (umask 077); the state directory is neither.
    """
    files = {path.relative_to(GUEST_DIR): path.read_bytes() for path in sorted(GUEST_DIR.rglob("*.py"))}
    digest = hashlib.sha256()
    for name, content in files.items():
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    target = state / "guest" / digest.hexdigest()[:16]
    if not target.is_dir():
        _stage(files, target)
    return target


def _stage(files: dict[Path, bytes], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=".draft-"))
    try:
        for name, content in files.items():
            path = draft / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for path in (draft, *draft.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        draft.rename(target)
    except OSError:
        # Another process may have been first; its copy is the same.
        if not target.is_dir():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
