"""Which files can contain a string: through the words it is made of, without looking at the files."""

from array import array
from collections.abc import Iterable, Iterator

from agent.index.connection import Database
from agent.index.marks import NUMBER_SHIFT
from agent.index.postings import Postings
from agent.index.words import is_word_byte, words

_FEW = 8
"""Blobs that are sooner looked into than compared with the thousands that hold a common word."""


class Vocabulary:
    """Every word of the index as long strings, so that a part of a word is found by one scan."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._postings = Postings(database, "word")
        self._packs: dict[int, bytes] = {}

    def numbers(self, word: bytes, wanted: int = 0) -> set[int]:
        """Return the blobs that hold a word as written; `wanted` narrows it to one of the marks."""
        return _decoded(self._postings.get(word), wanted)

    def holding(self, literal: bytes) -> set[int] | None:
        """Return the blobs that may contain a string; None when it has no word to go by."""
        parts = words(literal)
        if not parts:
            return None
        open_left, open_right, last = is_word_byte(literal[0]), is_word_byte(literal[-1]), len(parts) - 1
        asked = [
            self._packed(part, open_left and place == 0, open_right and place == last)
            for place, part in enumerate(parts)
        ]
        asked.sort(key=lambda packed: sum(map(len, packed)))
        found = _decoded(asked[0])
        for packed in asked[1:]:
            if len(found) <= _FEW:
                break
            found &= _decoded(packed)
        return found

    def _packed(self, part: bytes, open_left: bool, open_right: bool) -> list[bytes]:
        """Return the postings of a word, or of all that it can be a part of."""
        if not (open_left or open_right):
            return self._postings.get(part)
        pattern = (b"" if open_left else b"\n") + part + (b"" if open_right else b"\n")
        fitting = {word for text in self._texts() for word in _words_around(text, pattern)}
        return [packed for word in fitting for packed in self._postings.get(word)]

    def _texts(self) -> list[bytes]:
        packs = [pack for (pack,) in self._database.execute("SELECT pack FROM pack")]
        for pack in packs:
            if pack not in self._packs:
                self._packs[pack] = b"\n".join((b"", *self._postings.keys(pack), b""))
        return [self._packs[pack] for pack in packs]


def _decoded(packed: Iterable[bytes], wanted: int = 0) -> set[int]:
    found: set[int] = set()
    for blob in packed:
        marks = array("I", blob)
        found.update(mark >> NUMBER_SHIFT for mark in marks if mark & wanted == wanted)
    return found


def _words_around(text: bytes, pattern: bytes) -> Iterator[bytes]:
    place = text.find(pattern)
    while place >= 0:
        start = text.rfind(b"\n", 0, place + 1) + 1
        end = text.find(b"\n", max(start, place + len(pattern) - 1))
        yield text[start:end]
        place = text.find(pattern, end)
