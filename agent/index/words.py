"""Code-aware words: what search compares, of source and of queries alike."""

import re
from collections.abc import Iterator, Mapping

_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+|[\u0080-\U0010ffff]+")
_LONGEST = 64
_IN_WORDS = frozenset(b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") | set(
    range(128, 256)
)
_WORD_BYTES = frozenset(bytes([byte]) for byte in _IN_WORDS)
SPACED = bytes(byte if byte in _IN_WORDS else 32 for byte in range(256))
"""Table that makes a space of everything that is not part of a word."""


def words(content: bytes) -> list[bytes]:
    """Return the words of some bytes in order: runs of letters, digits, `_` and everything beyond ASCII."""
    # Three times as fast as a regular expression, and it has to see every byte of a repository.
    return content.translate(SPACED).split()


def word_of(name: str) -> bytes:
    """Return the word under which a name is found; it may lack signs such as the `?` of Ruby."""
    encoded = name.encode("utf-8", "replace")
    found = encoded.translate(SPACED).split()
    return found[-1] if found else b""


def terms_of(word: str) -> tuple[str, ...]:
    """Return a word's parts in lower case, and itself in lower case when it has several.

    `getHTTPResponse` gives get, http, response, gethttpresponse. One-letter parts, plain numbers and
    words of more than 64 characters give none.
    """
    if len(word) > _LONGEST or word.isdecimal():
        return ()
    lower = word.lower()
    # Nearly every word is lower case, with or without `_`: the expression is only for the others.
    if "_" not in word and (word == lower or word.isupper()):
        return (lower,)
    whole = lower.strip("_")
    parts = lower.split("_") if word == lower else [part.lower() for part in _PART.findall(word)]
    kept = dict.fromkeys(part for part in parts if len(part) > 1 and not part.isdecimal())
    kept.pop(whole, None)
    return (*kept, whole) if whole else ()


def terms(text: str) -> list[str]:
    """Return the terms of a text in order, repeated as often as they occur."""
    found = words(text.encode("utf-8", "replace"))
    return [term for word in found for term in terms_of(word.decode("utf-8", "replace"))]


class Known(dict[bytes, tuple[str, ...]]):
    """The terms of words by word, found when first asked for."""

    def __missing__(self, word: bytes) -> tuple[str, ...]:
        found = self[word] = terms_of(word.decode("utf-8", "replace"))
        return found


class Splitter:
    """Counts terms, each word split only once."""

    def __init__(self) -> None:
        self.known = Known()

    def count(self, counted: Mapping[bytes, int]) -> dict[str, int]:
        """Return how often each term occurs in counted words."""
        found: dict[str, int] = {}
        known = self.known
        for word, times in counted.items():
            for term in known[word]:
                found[term] = found.get(term, 0) + times
        return found


def is_word_byte(byte: int) -> bool:
    """Return whether a byte is part of words."""
    return byte in _IN_WORDS


def occurrences(content: bytes, name: bytes) -> Iterator[int]:
    """Yield where a name stands as a word of its own."""
    # Ten times as fast as an expression, which looks at what is before each byte first.
    place = content.find(name)
    while place >= 0:
        end = place + len(name)
        if (
            content[end : end + 1] not in _WORD_BYTES
            and content[max(0, place - 1) : place] not in _WORD_BYTES
        ):
            yield place
            place = content.find(name, max(end, place + 1))
        else:
            place = content.find(name, place + 1)
