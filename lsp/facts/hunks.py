"""The hunks of a diff that git made, and where a text has them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.patches.parsing.diff_paths import DEV_NULL, header_paths
from lsp.text.document import body

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_FARTHEST = 5000
"""Lines from where a hunk was made at which it is still looked for."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines with their sign; both starts count from 1, and are the line before where a side is empty."""

    old_start: int
    new_start: int
    lines: tuple[tuple[str, str], ...]

    @property
    def old(self) -> list[str]:
        """Return the lines before the change, without their ends."""
        return [text for sign, text in self.lines if sign != "+"]

    @property
    def new(self) -> list[str]:
        """Return the lines after the change, without their ends."""
        return [text for sign, text in self.lines if sign != "-"]

    @property
    def added(self) -> list[int]:
        """Return the places, from 0, of the added lines among the new ones."""
        kept = [sign for sign, _ in self.lines if sign != "-"]
        return [place for place, sign in enumerate(kept) if sign == "+"]


def hunks_of(diff: str) -> dict[str, tuple[Hunk, ...]]:
    """Return the hunks of each file under its new path, under the old one when it is removed."""
    found: dict[str, list[Hunk]] = {}
    lines = diff.split("\n")
    path, number = "", 0
    while number < len(lines):
        head = _HUNK.match(lines[number]) if path else None
        if head is not None:
            hunk, number = _hunk(head, lines, number + 1)
            found[path].append(hunk)
        elif lines[number].startswith("--- ") and "".join(lines[number + 1 : number + 2]).startswith("+++ "):
            old, new = header_paths(lines[number], lines[number + 1])
            path = old if new == DEV_NULL else new
            found.setdefault(path, [])
            number += 2
        else:
            path = "" if lines[number].startswith("diff --git ") else path
            number += 1
    return {path: tuple(hunks) for path, hunks in found.items()}


def with_hunks(lines: Sequence[str], hunks: Sequence[Hunk]) -> list[str] | None:
    """Return the lines of a text after a change, with ends; None when it is not the text that was changed."""
    made: list[str] = []
    reached = 0
    for hunk in hunks:
        start = hunk.old_start - (1 if hunk.old else 0)
        if start < reached or bare(lines[start : start + len(hunk.old)]) != bare(hunk.old):
            return None
        made += lines[reached:start]
        made += [f"{text}\n" for text in hunk.new]
        reached = start + len(hunk.old)
    return made + list(lines[reached:])


def has_hunks(lines: Sequence[str] | None, hunks: Sequence[Hunk]) -> bool:
    """Say whether a text, or a file that is not there, is as after a change where that changes it."""
    if not lines:
        return all(not hunk.new for hunk in hunks) and bool(hunks)
    texts = bare(lines)
    return all(_has(texts, hunk) for hunk in hunks) and bool(hunks)


def bare(lines: Sequence[str]) -> list[str]:
    """Return lines without their ends."""
    return [body(line) for line in lines]


def find(block: Sequence[str], texts: list[str], near: int, farthest: int = _FARTHEST) -> int | None:
    """Return at which place, from 0, a text has a block of lines, nearest to a line that counts from 1.

    Neither has line ends.
    """
    wanted, middle = bare(block), near - 1
    low, high = max(0, middle - farthest), min(len(texts) - len(wanted), middle + farthest)
    found: list[int] = []
    while wanted and low <= high:
        try:
            low = texts.index(wanted[0], low, high + 1)
        except ValueError:
            break
        if texts[low : low + len(wanted)] == wanted:
            found.append(low)
        low += 1
    return min(found, key=lambda place: abs(place - middle), default=None)


def _has(texts: list[str], hunk: Hunk) -> bool:
    if not hunk.new or find(hunk.new, texts, hunk.new_start) is None:
        return False
    inside = find(hunk.old, bare(hunk.new), 1) is not None
    # What was only added to is still there; else the old lines would show that nothing was changed.
    return inside or not hunk.old or find(hunk.old, texts, hunk.new_start, 3 + len(hunk.new)) is None


def _hunk(head: re.Match[str], lines: Sequence[str], number: int) -> tuple[Hunk, int]:
    """Read as many lines as the header says."""
    old, new = int(head[2] or 1), int(head[4] or 1)
    taken: list[tuple[str, str]] = []
    while (old > 0 or new > 0) and number < len(lines):
        sign, text = lines[number][:1] or " ", lines[number][1:]
        if sign != "\\":
            taken.append((sign, text))
            old -= sign != "+"
            new -= sign != "-"
        number += 1
    return Hunk(int(head[1]), int(head[3]), tuple(taken)), number
