"""Other forms of an English word: an issue says "parsing" where the code says `parse`."""

from collections.abc import Iterator
from functools import lru_cache

_SHORTEST = 4
_ENDINGS = (
    ("ization", "ize"),
    ("ations", "ate"),
    ("ation", "ate"),
    ("ies", "y"),
    ("sses", "ss"),
    ("ings", ""),
    ("ing", ""),
    ("edly", ""),
    ("ed", ""),
    ("ers", "er"),
    ("es", "e"),
    ("s", ""),
    ("ly", ""),
)
_FORMS = ("", "e", "s", "es", "ed", "ing", "er", "ers", "ings", "ly", "ation", "ations", "y", "ies")


def stem(word: str) -> str:
    """Return what the forms of a word share; a rough cut, meant to be compared only."""
    if len(word) < _SHORTEST:
        return word
    short = _cut(word)
    if short.endswith("e") and len(short) >= _SHORTEST:
        short = short[:-1]
    doubled = len(short) >= _SHORTEST and short[-1] == short[-2] and short[-1] not in "sl"
    return short[:-1] if doubled else short


@lru_cache(1 << 14)
def forms(word: str) -> tuple[str, ...]:
    """Return the likely other forms of a lower-case word, itself left out."""
    if len(word) < _SHORTEST or not word.isalpha() or not word.isascii():
        return ()
    found = dict.fromkeys(form for form in _built(stem(word)) if form != word and stem(form) == stem(word))
    return tuple(found)


def _cut(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST - 1:
            if ending == "s" and word.endswith(("ss", "us", "is")):
                return word
            return word[: -len(ending)] + instead
    return word


def _built(root: str) -> Iterator[str]:
    for ending in _FORMS:
        yield root + ending
    for ending in ("ed", "ing", "er"):
        yield root + root[-1] + ending
    if root.endswith("at"):
        yield from (root[:-2] + "ation", root[:-2] + "ations")
    if root.endswith("iz"):
        yield root[:-2] + "ization"
    if root.endswith("y"):
        yield root[:-1] + "ies"
