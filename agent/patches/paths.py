"""Which paths an edit may name: inside the tree, and never git's own directory under any alias."""

import re
import unicodedata

from agent.protocol.errors import PatchRefused

_MAX_BYTES = 4096
_MAX_PART_BYTES = 255
# Code points that HFS+ ignores when it compares names, so that ".g\u200cit" is ".git" there.
_HFS_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_NTFS_SHORT = re.compile(r"^git~[0-9]+$")


def checked_path(path: str) -> str:
    """Return the path unchanged when an edit may name it; raises PatchRefused with the reason."""
    reason = path_fault(path)
    if reason:
        raise PatchRefused(f"{path!r} cannot be edited: {reason}", hint="name a file inside the tree")
    return path


def path_fault(path: str) -> str:
    """Return why an edit may not name the path, empty when it may."""
    try:
        encoded = path.encode("utf-8")
    except UnicodeEncodeError:
        return "it is not valid Unicode"
    if not path or len(encoded) > _MAX_BYTES:
        return "it is empty or too long"
    if any(ord(char) < 32 or ord(char) == 127 for char in path):
        return "it holds control characters"
    if path.startswith("/") or "\\" in path or re.match(r"^[A-Za-z]:", path):
        return "it is not a relative path with forward slashes"
    return next((fault for part in path.split("/") if (fault := _part_fault(part))), "")


def is_git_alias(part: str) -> bool:
    """Return whether some file system would take this name for `.git`."""
    plain = unicodedata.normalize("NFKC", _HFS_IGNORED.sub("", part)).casefold()
    # NTFS drops trailing dots and spaces, and what follows a colon is a stream of the same file.
    plain = plain.split(":", 1)[0].rstrip(". ")
    return plain == ".git" or bool(_NTFS_SHORT.match(plain))


def _part_fault(part: str) -> str:
    if part in ("", ".", ".."):
        return "it is not normalized or leaves the tree"
    if len(part.encode("utf-8")) > _MAX_PART_BYTES:
        return "a name in it is too long"
    if is_git_alias(part):
        return "it touches git's own directory"
    return ""
