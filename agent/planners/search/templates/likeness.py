"""How alike two names are spelled."""

from difflib import SequenceMatcher
from functools import lru_cache


@lru_cache(maxsize=50_000)
def similarity(one: str, other: str) -> float:
    """Return 0..1: the share of characters in common order, higher when whole words are shared."""
    ratio = SequenceMatcher(None, one, other, autojunk=False).ratio()
    words, others = _words(one), _words(other)
    shared = len(words & others) / max(1, len(words | others))
    return max(ratio * 0.9, shared)


def _words(name: str) -> set[str]:
    parts = name.replace(".", "_").split("_")
    return {part.lower() for part in parts if part}
