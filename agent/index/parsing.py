"""What a worker does with a batch of files: facts, words, and postings ready to be written."""

import os
import re
import stat
from array import array
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from typing import NamedTuple

from agent.index.bags import Bags, bags
from agent.index.blocks import Block, blocks
from agent.index.extract import Extract, extract
from agent.index.grammar import language_in
from agent.index.marks import CALLED, IMPORTED, IN_CODE
from agent.index.pack import pack_bags, pack_facts
from agent.index.words import Splitter, word_of

BlobRow = tuple[int, bytes, str, str, int, int, str, int, int, int]
"""Number, id, hint, language, size, lines, why skipped, number of terms, of symbols, of references."""
FactsRow = tuple[int, bytes, bytes]
"""Blob number, facts, words by definition."""
SymbolRow = tuple[str, int, int, str, str, int, int]
"""Name, blob number, ordinal, qualified name, kind, first and last line."""


class Rows(NamedTuple):
    """What is written for a batch of files."""

    blobs: list[BlobRow]
    facts: list[FactsRow]
    symbols: list[SymbolRow]
    words: list[Block]
    """By word as written, arrays of blob number * 8 + its `agent.index.marks`."""
    terms: list[Block]
    """By term, arrays of blob number * 256 + occurrences."""


LARGEST = 1 << 20
_PROBE = 8192
_LONGEST_LINE = 5000
_GENERATED = re.compile(
    rb"@generated|do not (?:edit|modify)[^\n]{0,80}generated|generated[^\n]{0,120}do not (?:edit|modify)"
    rb"|^\W{0,6}generated (?:by|from|with) ",
    re.IGNORECASE | re.MULTILINE,
)
_MOST = 255


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


def skip_reason(content: bytes) -> str:
    """Say why the bytes are not worth indexing, "" when they are."""
    if len(content) > LARGEST:
        return "too large"
    if b"\0" in content[:_PROBE]:
        return "binary"
    if _GENERATED.search(content, 0, 2048):
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
    terms: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, number: int, blob: str, hint: str, content: bytes) -> None:
        """Parse one file and collect its rows."""
        if reason := skip_reason(content):
            self.skip(number, blob, hint, len(content), reason)
            return
        facts = extract(language_in(hint, content), content)
        found = bags(content, facts.definitions, facts.texts)
        length = self._add_postings(number, found, facts)
        references = found.all.total() - found.text.total()
        self.symbols += [
            (row[0], number, ordinal, row[1], row[2], row[4], row[5])
            for ordinal, row in enumerate(facts.definitions)
        ]
        self.facts.append((number, pack_facts(facts), pack_bags(found)))
        head = (number, bytes.fromhex(blob), hint, facts.language, len(content), facts.lines, "")
        self.blobs.append((*head, length, len(facts.definitions), references))

    def skip(self, number: int, blob: str, hint: str, size: int, reason: str) -> None:
        """Remember that nothing is known about a file, and why."""
        self.blobs.append((number, bytes.fromhex(blob), hint, hint, size, 0, reason, 0, 0, 0))

    def rows(self) -> Rows:
        """Return everything collected."""
        words = {word: array("I", found).tobytes() for word, found in self.words.items()}
        terms = {term.encode(): array("I", found).tobytes() for term, found in self.terms.items()}
        return Rows(self.blobs, self.facts, self.symbols, blocks(words), blocks(terms))

    def _add_postings(self, number: int, found: Bags, facts: Extract) -> int:
        words, mark = self.words, number << 3 | IN_CODE
        for word in found.all:
            words[word].append(mark)
        for word, count in found.text.items():
            if found.all[word] == count:
                words[word][-1] -= IN_CODE
        for name in {name for _, name in facts.calls}:
            self._mark(number, name, CALLED)
        for _, name, alias, _ in facts.imports:
            if name != alias:
                self._mark(number, name, IMPORTED)
        terms, shifted = self.terms, number << 8
        counted = self.split.count(found.all)
        for term, count in counted.items():
            terms[term].append(shifted | (count if count < _MOST else _MOST))
        return sum(counted.values())

    def _mark(self, number: int, name: str, bit: int) -> None:
        marks = self.words[word] if (word := word_of(name)) else []
        if marks and marks[-1] >> 3 == number:
            marks[-1] |= bit


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
