"""Long texts: a head, a tail, and a handle by which the rest can be read, also by a later process."""

import re
from collections.abc import Sequence

from agent.protocol.errors import RepositoryError
from agent.repo.store import Store

MOST = 12_000
"""Characters of one piece of an answer."""
LONGEST_LINE = 2_000
_HEAD = 0.6
_MARK = "ratchet output\n"
_HANDLE = re.compile(r"^output:([0-9a-f]{16,40})(?::(\d{1,9}))?$")
_SHOWN = 16


def capped(store: Store, text: str) -> tuple[str, str]:
    """Return a text cut in the middle, and a sentence on how to read what is left out; "" when nothing is."""
    if len(text) <= MOST:
        return text, ""
    lines = wrapped(text)
    head, tail = _fitting(lines, int(MOST * _HEAD)), _fitting(lines[::-1], int(MOST * (1 - _HEAD)))
    first, last = head + 1, len(lines) - tail
    handle = keep(store, "\n".join(lines))
    cut = f"[lines {first} to {last} of {len(lines)} are left out here]"
    shown = "\n".join([*lines[:head], cut, *lines[len(lines) - tail :]])
    return shown, f"Left out: lines {first} to {last} of {len(lines)}. To read them: `read` {handle}:{first}"


def wrapped(text: str) -> list[str]:
    """Return the lines of a text, endless ones in pieces, so that each can be asked for."""
    return [
        line[start : start + LONGEST_LINE]
        for line in text.split("\n")
        for start in range(0, max(1, len(line)), LONGEST_LINE)
    ]


def keep(store: Store, text: str) -> str:
    """Store a text that was guarded before; returns its handle, which is made of the content."""
    return f"output:{store.keep(f'{_MARK}{text}'.encode())[:_SHOWN]}"


def is_handle(path: str) -> bool:
    """Say whether a path is meant as a handle."""
    return path.startswith("output:")


def kept(store: Store, handle: str) -> tuple[list[str], int]:
    """Return the lines of a kept text and the line that the handle names; raises RepositoryError."""
    found = _HANDLE.match(handle)
    unknown = RepositoryError("there is no such output", hint="copy the handle as it was given, or run again")
    if found is None:
        raise unknown
    try:
        content = store.recall(found[1])
    except RepositoryError as error:
        raise unknown from error
    text = content.decode("utf-8", "replace")
    if not text.startswith(_MARK):
        raise unknown
    return text.removeprefix(_MARK).split("\n"), int(found[2] or 1)


def _fitting(lines: Sequence[str], most: int) -> int:
    """Return how many of the lines fit into so many characters."""
    for number, line in enumerate(lines):
        most -= len(line) + 1
        if most < 0:
            return number
    return len(lines)
