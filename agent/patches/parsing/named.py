"""Paths as models write them above a block: decorated, quoted, with a colon."""

import re

from agent.patches.intent import DeleteFile, MoveFile

_WRAPPED = re.compile(r"^[#*\s]*(?:`([^`]+)`|\"([^\"]+)\")[*:\s]*$")
_DIRECTIVE = re.compile(r"^\*\*\* (Delete|Move) File: (.+)$")


def named_path(line: str) -> str:
    """Return the path that a line names and nothing else, else an empty text.

    A path with white space in it must stand in backticks or double quotes.
    """
    line = line.strip()
    if wrapped := _WRAPPED.match(line):
        return plain_path(wrapped[1] or wrapped[2])
    bare = line.strip("*").lstrip("#").strip().strip("*").rstrip(":").strip()
    # A row of dots or dashes divides, and names nothing.
    return plain_path(bare) if re.search(r"\w", bare) and not re.search(r"\s", bare) else ""


def plain_path(path: str) -> str:
    """Return the path without a leading `./`."""
    path = path.strip()
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return path


def directive(line: str) -> DeleteFile | MoveFile | None:
    """Return what a line like `*** Delete File: a.py` or `*** Move File: a.py -> b.py` asks for."""
    found = _DIRECTIVE.match(line.rstrip())
    if not found:
        return None
    if found[1] == "Delete":
        return DeleteFile(plain_path(found[2]))
    path, arrow, to = found[2].partition(" -> ")
    return MoveFile(plain_path(path), plain_path(to)) if arrow else None
