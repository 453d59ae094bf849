"""Search/replace blocks: a path, the lines to find, the lines to put there."""

import re
from collections.abc import Sequence

from agent.patches.block import block_of
from agent.patches.intent import Intent, ReplaceText
from agent.patches.parsing.fences import fence_of
from agent.patches.parsing.malformed import malformed
from agent.patches.parsing.named import directive, named_path

_HEAD = re.compile(r"^(<{5,40}) ?SEARCH>?\s*$")
_DIVIDER = re.compile(r"^(={5,40})\s*$")
_TAIL = re.compile(r"^(>{5,40}) ?REPLACE\s*$")
_USUAL = range(5, 10)
_LOOK_UP = 3


def parse_search_replace(text: str) -> tuple[Intent, ...]:
    """Return the blocks of a text; raises PatchRefused. A block without a path has that of the one before."""
    lines = text.split("\n")
    found: list[Intent] = []
    path, number, free = "", 0, 0
    while number < len(lines):
        if head := _HEAD.match(lines[number]):
            path = _path_above(lines, number, free) or path
            if not path:
                raise malformed(f"no path stands above line {number + 1}", "write the path above each block")
            divider, tail = _borders(lines, number, len(head[1]))
            search, replace = lines[number + 1 : divider], lines[divider + 1 : tail]
            found.append(ReplaceText(path, block_of(search), block_of(replace)))
            number = free = tail + 1
            continue
        if asked := directive(lines[number]):
            found.append(asked)
        number += 1
    return tuple(found)


def _borders(lines: Sequence[str], head: int, width: int) -> tuple[int, int]:
    """Return the lines of the divider and of the tail; signs as many as the head's come first."""
    after = range(head + 1, len(lines))
    end = next((n for n in after if _is_head(lines[n], width)), len(lines))
    tail = _first(_TAIL, lines, range(head + 1, end), width)
    if tail is None:
        raise malformed(
            f"the block of line {head + 1} has no `>>>>>>> REPLACE` before the next begins or the text ends",
            "write every block to its end",
        )
    dividers = _all(_DIVIDER, lines, range(head + 1, tail), width)
    if len(dividers) != 1:
        raise malformed(
            f"the block of line {head + 1} has {len(dividers)} lines of `=======`, not one",
            "where the code has such lines, write all three markers with another number of signs",
        )
    return dividers[0], tail


def _is_head(line: str, width: int) -> bool:
    found = _HEAD.match(line)
    return found is not None and (len(found[1]) == width or {len(found[1]), width} <= {*_USUAL})


def _first(marker: re.Pattern[str], lines: Sequence[str], span: range, width: int) -> int | None:
    return next(iter(_all(marker, lines, span, width)), None)


def _all(marker: re.Pattern[str], lines: Sequence[str], span: range, width: int) -> list[int]:
    sizes = {n: len(found[1]) for n in span if (found := marker.match(lines[n]))}
    exact = [number for number, size in sizes.items() if size == width]
    return exact or [number for number, size in sizes.items() if size in _USUAL and width in _USUAL]


def _path_above(lines: Sequence[str], head: int, free: int) -> str:
    """Return the path just above a block, or in the fence around it; `free` is where the last block ended."""
    for number in range(head - 1, max(free, head - 1 - _LOOK_UP) - 1, -1):
        if fence := fence_of(lines[number]):
            words = fence[1].split()
            if words and ("." in words[-1] or "/" in words[-1]):
                return named_path(words[-1])
        elif lines[number].strip():
            return named_path(lines[number])
    return ""
