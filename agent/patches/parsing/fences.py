"""Fenced blocks of Markdown, with the line above each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.patches.parsing.malformed import malformed

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^`]*)$")


@dataclass(frozen=True, slots=True)
class Fenced:
    """A fenced block; `above` is the last filled line before it, empty when a block is."""

    above: str
    signs: str
    info: str
    lines: tuple[str, ...]
    number: int
    """1-based line of the opening fence."""


def fence_of(line: str) -> tuple[str, str] | None:
    """Return the fence (its signs, its info) that a line is; None when it is none."""
    found = _FENCE.match(line.rstrip())
    return (found[1], found[2].strip()) if found else None


def fenced_blocks(lines: Sequence[str]) -> Iterator[Fenced | str]:
    """Yield each fenced block, and each line outside of them; raises PatchRefused for an open one.

    A fence with an info text inside a block opens a nested one.
    """
    above, number = "", 0
    while number < len(lines):
        fence = fence_of(lines[number])
        if fence is None:
            yield lines[number]
            above = lines[number] if lines[number].strip() else above
            number += 1
            continue
        end = _closing(lines, number, fence[0])
        yield Fenced(above, *fence, tuple(lines[number + 1 : end]), number + 1)
        above, number = "", end + 1


def _closing(lines: Sequence[str], opening: int, signs: str) -> int:
    """Return the line that closes the block opened at a line."""
    depth = 1
    for number in range(opening + 1, len(lines)):
        fence = fence_of(lines[number])
        if fence is None or fence[0][0] != signs[0] or len(fence[0]) < len(signs):
            continue
        depth += 1 if fence[1] else -1
        if not depth:
            return number
    raise malformed(
        f"the fence of line {opening + 1} is never closed",
        "close it; where the content has fences, use a longer one around it",
    )
