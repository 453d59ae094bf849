"""What a worker does with a batch of files: facts, words, and postings ready to be written."""

import os
import re
import stat
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from typing import NamedTuple

from agent.index.blocks import Block, blocks
from agent.index.extract import Extract, extract
from agent.index.grammar import language_in
from agent.index.marks import CALLED, COUNT_SHIFT, IMPORTED, MOST, NUMBER_SHIFT, blob_of, mark
from agent.index.pack import pack_facts
from agent.index.words import Splitter, word_of, words

BlobRow = tuple[int, bytes, str, str, int, int, str, int, int, int]
"""Number, id, hint, language, size, lines, why skipped, number of terms, of symbols, of references."""
FactsRow = tuple[int, bytes]
"""Blob number, facts."""
SymbolRow = tuple[str, int, int, str, str, int, int]
"""Name, blob number, ordinal, qualified name, kind, first and last line."""


class Rows(NamedTuple):
    """What is written for a batch of files."""

    blobs: list[BlobRow]
    facts: list[FactsRow]
    symbols: list[SymbolRow]
    words: list[Block]
    """By word as written, arrays of the integers of `agent.index.marks`."""
    terms: list[Block]
    """The same by term."""


LARGEST = 1 << 20
_LARGEST_HELD = 16 << 20
_PROBE = 8192
_FEW = 8
_COUNTS = MOST << COUNT_SHIFT
_NUMBERS = (1 << 32) - (1 << NUMBER_SHIFT)
_LONGEST_LINE = 5000
_GENERATED = re.compile(
    rb"@generated|do not (?:edit|modify)[^\n]{0,80}generated|generated[^\n]{0,120}do not (?:edit|modify)"
    rb"|^\W{0,6}generated (?:by|from|with) ",
    re.IGNORECASE | re.MULTILINE,
)


def blob_id(content: bytes) -> str:
    """Return the id that git gives to the bytes."""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def read_file(path: str) -> bytes | None:
    """Return the bytes of a regular file, None when there is none to read; links are not followed."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with open(handle, "rb") as file:  # noqa: PTH123 - a descriptor, opened without following links
        return file.read() if stat.S_ISREG(os.fstat(handle).st_mode) else None


def read_held(place: str, blob: str) -> bytes | None:
    """Return the bytes of a place that holds a blob, None when it holds anything else or is very large."""
    try:
        if os.lstat(place).st_size > _LARGEST_HELD:
            return None
    except OSError:
        return None
    content = read_file(place)
    return content if content is not None and blob_id(content) == blob else None


def skip_reason(content: bytes) -> str:
    """Say why the bytes are not worth indexing, "" when they are."""
    if len(content) > LARGEST:
        return "too large"
    if b"\0" in content[:_PROBE]:
        return "binary"
    if b"enerated" in (head := content[:2048]) and _GENERATED.search(head):
        return "generated"
    if _has_endless_lines(content):
        return "minified"
    return ""


def _has_endless_lines(content: bytes) -> bool:
    lines = content.count(b"\n") + 1
    return len(content) > _LONGEST_LINE and len(content) / lines > 400


@dataclass(slots=True)
class Batch:
    """Collects what is written for a batch of files."""

    split: Splitter
    blobs: list[BlobRow] = field(default_factory=list)
    facts: list[FactsRow] = field(default_factory=list)
    symbols: list[SymbolRow] = field(default_factory=list)
    words: dict[bytes, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, number: int, blob: str, hint: str, content: bytes) -> None:
        """Parse one file and collect its rows."""
        if reason := skip_reason(content):
            self.skip(number, blob, hint, len(content), reason)
            return
        facts = extract(language_in(hint, content), content)
        length = self._add_words(number, content)
        self._add_marks(number, facts)
        self.symbols += [
            (row[0], number, ordinal, row[1], row[2], row[4], row[5])
            for ordinal, row in enumerate(facts.definitions)
        ]
        self.facts.append((number, pack_facts(facts)))
        head = (number, bytes.fromhex(blob), hint, facts.language, len(content), facts.lines, "")
        references = len(facts.calls.ends) + len(facts.imports) + len(facts.parents)
        self.blobs.append((*head, length, len(facts.definitions), references))

    def skip(self, number: int, blob: str, hint: str, size: int, reason: str) -> None:
        """Remember that nothing is known about a file, and why."""
        self.blobs.append((number, bytes.fromhex(blob), hint, hint, size, 0, reason, 0, 0, 0))

    def rows(self) -> Rows:
        """Return everything collected."""
        words = {word: array("I", found).tobytes() for word, found in self.words.items()}
        return Rows(self.blobs, self.facts, self.symbols, blocks(words), blocks(self._terms(words)))

    def _terms(self, words: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        # A posting may name a blob several times; only where that would be often is it summed up here.
        several: dict[str, list[bytes]] = defaultdict(list)
        known = self.split.known
        for word in words:
            for term in known[word]:
                several[term].append(word)
        return {
            term.encode(): words[own[0]]
            if len(own) == 1
            else b"".join([words[word] for word in own])
            if len(own) <= _FEW
            else _summed([self.words[word] for word in own])
            for term, own in several.items()
        }

    def _add_words(self, number: int, content: bytes) -> int:
        found, base, most = Counter(words(content)), mark(number, 0), mark(number, MOST)
        own = self.words
        for word, count in found.items():
            own[word].append(base + (count << COUNT_SHIFT) if count < MOST else most)
        return found.total()

    def _add_marks(self, number: int, facts: Extract) -> None:
        for name in {name for _, name in facts.calls.callees}:
            self._mark(number, name, CALLED)
        for _, name, alias, _ in facts.imports:
            if name != alias:
                self._mark(number, name, IMPORTED)

    def _mark(self, number: int, name: str, bit: int) -> None:
        marks = self.words[word] if (word := word_of(name)) else []
        if marks and blob_of(marks[-1]) == number:
            marks[-1] |= bit


def _summed(several: Sequence[Sequence[int]]) -> bytes:
    # Counts stay where they are in a mark, which spares two shifts for each of very many.
    counts: dict[int, int] = {}
    seen = counts.get
    for marks in several:
        for one in marks:
            number = one & _NUMBERS
            counts[number] = seen(number, 0) + (one & _COUNTS)
    most = _COUNTS
    return array("I", [n | (c if c < most else most) for n, c in counts.items()]).tobytes()


Task = tuple[int, str, str, str, int, bytes | None]
"""Blob number, id, language hint, place on disk ("" for none), size, content (None: what the place holds)."""


def parse_batch(
    tasks: Sequence[Task], split: Splitter, before_each: Callable[[], None]
) -> tuple[Rows, list[int]]:
    """Return the rows of the tasks, and the numbers of those whose place did not hold their blob."""
    batch, elsewhere = Batch(split), []
    for number, blob, hint, place, size, content in tasks:
        before_each()
        if size > LARGEST:
            batch.skip(number, blob, hint, size, "too large")
            continue
        found = read_file(place) if place else content
        if found is not None and (not place or blob_id(found) == blob):
            batch.add(number, blob, hint, found)
        elif place:
            elsewhere.append(number)
        else:
            batch.skip(number, blob, hint, size, "missing")
    return batch.rows(), elsewhere
