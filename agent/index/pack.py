"""How the facts and words of one file are stored: columns, marshalled and compressed."""

import marshal
import sqlite3
import zlib
from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from agent.index.bags import Bags
from agent.index.definitions import DefinitionRow, enclosing
from agent.index.extract import Extract
from agent.index.facts import Call, Definition, FileFacts, Import, Kind, Parent
from agent.index.imports import ImportRow
from agent.index.view import Document
from agent.index.words import Splitter

_LEVEL = 1


@dataclass(frozen=True)
class Columns:
    """Stored facts before they are made into objects."""

    language: str
    lines: int
    has_errors: bool
    definitions: Sequence[DefinitionRow]
    calls: Sequence[tuple[str, str, bytes]]
    """Receiver, name, and an array of the byte after the name at each place."""
    imports: Sequence[ImportRow]
    parents: Sequence[tuple[int, str]]
    texts: bytes
    line_lengths: tuple[str, bytes]
    """Item type and items of an array: bytes of each line with its end."""

    def line(self, byte: int) -> int:
        """Return the line of a byte, counted from 1."""
        return bisect_right(self._line_starts, byte)

    @cached_property
    def _line_starts(self) -> list[int]:
        return list(accumulate(array(*self.line_lengths), initial=0))

    def spans(self) -> "array[int]":
        """Return start and end byte of each string and comment, in order."""
        return array("I", self.texts)


def pack_facts(facts: Extract) -> bytes:
    """Return facts as they are stored."""
    calls = [(receiver, name, places.tobytes()) for (receiver, name), places in facts.calls.items()]
    head = (facts.language, facts.lines, facts.has_errors, facts.definitions)
    lengths = facts.line_lengths
    row = (
        *head,
        calls,
        facts.imports,
        facts.parents,
        facts.texts.tobytes(),
        (lengths.typecode, lengths.tobytes()),
    )
    return zlib.compress(marshal.dumps(row), _LEVEL)


def unpack_facts(packed: bytes) -> Columns:
    """Return stored facts as columns; raises sqlite3.DatabaseError when they are damaged."""
    return Columns(*_loaded(packed))


def pack_bags(found: Bags) -> bytes:
    """Return the words of a file as they are stored: its vocabulary, then their numbers in order."""
    numbers = {word: number for number, word in enumerate(found.all)}
    width = "H" if len(numbers) < 1 << 16 else "I"
    sequence = array(width, map(numbers.__getitem__, found.sequence)).tobytes()
    return zlib.compress(marshal.dumps((b" ".join(numbers), width, sequence, found.cuts)), _LEVEL)


def unpack_documents(packed: bytes, split: Splitter) -> list[Document]:
    """Return the terms of each definition of a file that has words of its own."""
    vocabulary, width, packed_numbers, cuts = _loaded(packed)
    words, numbers = vocabulary.split(b" "), array(width, packed_numbers)
    found: dict[int, Counter[int]] = {}
    place = 0
    for owner, length in cuts:
        found.setdefault(owner, Counter()).update(numbers[place : place + length])
        place += length
    return [_document(owner, counts, words, split) for owner, counts in found.items()]


def _document(owner: int, counts: Mapping[int, int], words: Sequence[bytes], split: Splitter) -> Document:
    terms = split.count({words[number]: count for number, count in counts.items()})
    return Document(owner, sum(terms.values()), terms)


def _loaded(packed: bytes) -> tuple[Any, ...]:
    # The checksum of zlib comes first: marshal must never see damaged bytes.
    try:
        loaded = marshal.loads(zlib.decompress(packed))
    except (zlib.error, ValueError, EOFError, TypeError) as error:
        raise sqlite3.DatabaseError(f"stored facts are damaged: {error}") from error
    if not isinstance(loaded, tuple):
        raise sqlite3.DatabaseError("stored facts are damaged")
    return loaded


def as_facts(columns: Columns) -> FileFacts:
    """Return columns as objects."""
    return FileFacts(
        columns.language,
        columns.lines,
        columns.has_errors,
        as_definitions(columns),
        tuple(sorted(_calls(columns), key=lambda call: call.byte)),
        tuple(Import(*row) for row in columns.imports),
        tuple(Parent(*row) for row in columns.parents),
    )


def as_definitions(columns: Columns) -> tuple[Definition, ...]:
    """Return the definitions of columns as objects."""
    return tuple(_definition(ordinal, row) for ordinal, row in enumerate(columns.definitions))


def _definition(ordinal: int, row: DefinitionRow) -> Definition:
    name, qualname, kind, parent, first, last, start, end, name_byte, signature, doc, is_test = row
    place = (parent, first, last, start, end, name_byte)
    return Definition(ordinal, name, qualname, Kind(kind), *place, signature, doc, is_test)


def _calls(columns: Columns) -> Iterator[Call]:
    around = enclosing(columns.definitions)
    for receiver, name, packed in columns.calls:
        width = len(name.encode())
        for end in array("I", packed):
            yield Call(name, receiver, end - width, columns.line(end - 1), around(end - 1))
