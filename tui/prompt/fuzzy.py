"""Which names fit what was typed, best first; pure."""

import heapq
import re
from collections.abc import Sequence
from itertools import islice

_RATED = 5_000
"""Names that are rated; of more only the first, so that a letter or two of a large repository stay quick."""
_FIRST_LETTERS = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]|(?<=[a-z0-9])[A-Z]")


class Names:
    """Names to look through again and again."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._low = [name.lower() for name in names]

    def matching(self, part: str, most: int) -> list[str]:
        """Return the names that have the letters of a part in their order, best first.

        Capitals count when the part has some.
        """
        if not part:
            return list(self._names[:most])
        looked_at = self._low if part == part.lower() else self._names
        fitting = (name for name, low in zip(self._names, looked_at, strict=True) if _has(low, part))
        return heapq.nsmallest(most, islice(fitting, _RATED), key=lambda name: distance(name, part))


def _has(name: str, part: str) -> bool:
    at = 0
    for letter in part:
        at = name.find(letter, at) + 1
        if not at:
            return False
    return True


def distance(name: str, part: str) -> tuple[int, int, int, int, str]:
    """Return how far a name is from a part that it matches, to sort by.

    Nearest is what stands at the beginning of the last segment, then at that of a word in it, anywhere in it,
    anywhere at all; then the first letters of words, and letters apart in as few pieces as may be.
    """
    low, wanted = name.lower(), part.lower()
    last = low.rfind("/") + 1
    kind, pieces = _fit(name, low, wanted, last)
    return kind, pieces, len(name) - last, len(name), name


def _fit(name: str, low: str, wanted: str, last: int) -> tuple[int, int]:
    at = low.find(wanted, last)
    if at == last:
        return 0, 1
    if at >= 0:
        return (2 if low[at - 1].isalnum() else 1), 1
    if wanted in low:
        return 3, 1
    if wanted in "".join(_FIRST_LETTERS.findall(name)).lower():
        return 4, 1
    inside = _pieces(low, wanted, last)
    return (5, inside) if inside else (6, _pieces(low, wanted, 0) or len(wanted))


def _pieces(low: str, wanted: str, at: int) -> int:
    """Return in how many pieces letters stand behind a place, taking each where it comes first; 0 for not."""
    pieces = 0
    for place, letter in enumerate(wanted):
        found = low.find(letter, at)
        if found < 0:
            return 0
        pieces += place == 0 or found > at
        at = found + 1
    return pieces
