"""Where a test is defined in a text, by its name alone: quick, and right for what pytest and unittest run."""

import re
from collections.abc import Sequence

from lsp.facts.tests import names_of_test

_DEFINES = re.compile(r"([ \t]*)(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")


def definitions(lines: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Return the line, from 1, of each function and class under the names that lead to it."""
    found: dict[tuple[str, ...], int] = {}
    around: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        match = _DEFINES.match(line) if "def" in line or "class" in line else None
        if match is None:
            continue
        depth = len(match[1].expandtabs(8))
        while around and around[-1][0] >= depth:
            around.pop()
        around.append((depth, match[2]))
        found.setdefault(tuple(name for _, name in around), number)
    return found


def definition(defined: dict[tuple[str, ...], int], test: str) -> int | None:
    """Return the line at which a test is defined; for an inherited one that of its class."""
    names = names_of_test(test)
    while names:
        if names in defined:
            return defined[names]
        names = names[:-1]
    return None
