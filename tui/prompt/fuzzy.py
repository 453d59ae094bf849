"""Which names fit what was typed, best first; pure."""

import heapq
import re
from collections.abc import Sequence

_RATED = 5_000
"""Names that are rated; of more only the first, so that a letter or two of a large repository stay quick."""


class Names:
    """Names to look through again and again, none with a newline in it."""

    def __init__(self, names: Sequence[str]) -> None:
        self._joined = "\n".join(names)

    def matching(self, part: str, most: int) -> list[str]:
        """Return the names that have the letters of a part in their order, best first.

        Capitals count when the part has some.
        """
        if not part:
            return self._joined.split("\n", most)[:most] if self._joined else []
        # One pass over all of them, without a step back: `[^c]*c` for each letter.
        letters = "".join(f"[^{re.escape(c)}\n]*{re.escape(c)}" for c in part)
        flags = re.MULTILINE | (re.NOFLAG if any(c.isupper() for c in part) else re.IGNORECASE)
        found = []
        for match in re.finditer(f"^{letters}[^\n]*$", self._joined, flags):
            found.append(match[0])
            if len(found) == _RATED:
                break
        return heapq.nsmallest(most, found, key=lambda name: distance(name, part))


def distance(name: str, part: str) -> tuple[int, int, int, str]:
    """Return how far a name is from a part that it matches, to sort by.

    A piece of the last segment is nearest, then one at the start of a word, one anywhere, letters apart.
    """
    low, wanted = name.lower(), part.lower()
    last = low.rfind("/") + 1
    at = low.find(wanted, last)
    if at < 0:
        at = low.find(wanted)
        kind = 4 if at < 0 else 3 - (at == 0 or not low[at - 1].isalnum())
    else:
        kind = 0 if at == last else 1
    return kind, len(name) - last, len(name), name
