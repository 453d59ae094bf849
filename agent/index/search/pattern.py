"""Regular expressions over a snapshot: the words of the index choose the files, their bytes decide."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.protocol.errors import UsageError

_SHORTEST = 3
_BATCH = 64
_LITERAL = re.compile(rb"[\w \-/:=@,]")
_LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Line:
    """A line that matches, cut when it is very long."""

    path: str
    line: int
    text: str


class Contents(Protocol):
    """What is read of a view here."""

    def candidates(self, literals: Sequence[bytes]) -> list[str]:
        """Return the paths that can contain all of some byte strings."""

    def read_many(self, paths: Sequence[str]) -> dict[str, bytes]:
        """Return the bytes of several files."""


def grep(view: Contents, pattern: str) -> Iterator[Line]:
    """Yield the lines that a regular expression is found in, in the order of the paths.

    Raises UsageError when it is none.
    """
    try:
        wanted = re.compile(pattern.encode())
    except re.error as error:
        raise UsageError(f"not a regular expression: {error}") from None
    paths = view.candidates(literals(pattern))
    for start in range(0, len(paths), _BATCH):
        for path, content in view.read_many(paths[start : start + _BATCH]).items():
            yield from _matching(path, content, wanted)


def literals(pattern: str) -> list[bytes]:
    """Return strings that whatever matches must contain; none when that cannot be told easily."""
    if "|" in pattern or "(?" in pattern:
        return []
    found, run = [], b""
    for atom, needed in _atoms(pattern.encode()):
        if needed and atom:
            run += atom
        else:
            found.append(run)
            run = b""
    return [one for one in [*found, run] if len(one.strip()) >= _SHORTEST]


def _atoms(pattern: bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield each atom outside of groups as the bytes it stands for, and whether it must occur exactly so."""
    place, depth = 0, 0
    while place < len(pattern):
        sign = pattern[place : place + 1]
        after = _end(pattern, place)
        depth += (sign == b"(") - (sign == b")")
        plain = sign if _LITERAL.match(sign) else b""
        if sign == b"\\" and not pattern[place + 1 : place + 2].isalnum():
            plain = pattern[place + 1 : place + 2]
        repeated = pattern[after : after + 1] in (b"*", b"?", b"{", b"+")
        yield plain, depth == 0 and not repeated
        place = after


def _end(pattern: bytes, place: int) -> int:
    sign = pattern[place : place + 1]
    if sign == b"\\":
        return place + 2
    if sign == b"[":
        closing = pattern.find(b"]", place + 2)
        return len(pattern) if closing < 0 else closing + 1
    if sign == b"{":
        closing = pattern.find(b"}", place)
        return len(pattern) if closing < 0 else closing + 1
    return place + 1


def _matching(path: str, content: bytes, wanted: "re.Pattern[bytes]") -> Iterator[Line]:
    for number, line in enumerate(content.split(b"\n"), 1):
        if wanted.search(line):
            yield Line(path, number, line[:_LONGEST_LINE].decode("utf-8", "replace"))
