"""Git LFS pointers: whether a file of the working tree is what its committed pointer stands for."""

import hashlib
import re
from pathlib import Path

_POINTER = re.compile(
    rb"^version https://git-lfs\.github\.com/spec/v1\n(?:.+\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)\n?$"
)


def is_same_content(stored: bytes, file: Path) -> bool:
    """Return whether the file holds the stored bytes, or the content that a stored pointer names."""
    if not file.is_file() or file.is_symlink():
        return False
    match = _POINTER.match(stored)
    if match is None or file.stat().st_size != int(match[2]):
        return len(stored) == file.stat().st_size and file.read_bytes() == stored
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest() == match[1].decode("ascii")
