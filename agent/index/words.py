"""Code-aware words: what search compares, of source and of queries alike."""

import re
from collections.abc import Iterable
from itertools import chain

_WORD = re.compile(r"[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+|[\u0080-\uffff]+")
_LONGEST = 64


class _Terms(dict[str, tuple[str, ...]]):
    """Terms by word, worked out once for each word."""

    def __missing__(self, word: str) -> tuple[str, ...]:
        found = self[word] = terms_of(word)
        return found


def terms_of(word: str) -> tuple[str, ...]:
    """Return a word's parts in lower case, and itself in lower case when it has several.

    `getHTTPResponse` gives get, http, response, gethttpresponse; one-letter parts are left out.
    """
    whole = word.strip("_").lower()
    if len(whole) > _LONGEST or not whole:
        return ()
    parts = [part.lower() for part in _PART.findall(word)]
    if len(parts) < 2:
        return (whole,)
    return (*dict.fromkeys(part for part in parts if len(part) > 1), whole)


def terms(text: str) -> list[str]:
    """Return the terms of a text in order, repeated as often as they occur."""
    return list(chain.from_iterable(map(terms_of, _WORD.findall(text))))


class Splitter:
    """Terms of many words, each split once."""

    def __init__(self) -> None:
        self._known = _Terms()

    def __call__(self, words: Iterable[str]) -> Iterable[str]:
        """Yield the terms of all words."""
        return chain.from_iterable(map(self._known.__getitem__, words))
