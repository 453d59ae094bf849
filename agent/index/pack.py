"""How the facts and words of one file are stored: columns, marshalled, with a checksum."""

import marshal
import zlib
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from agent.index.definitions import DefinitionRow, enclosing
from agent.index.extract import Extract
from agent.index.facts import Call, Definition, FileFacts, Import, Kind, Parent
from agent.index.imports import ImportRow


@dataclass(frozen=True)
class Columns:
    """Stored facts before they are made into objects."""

    language: str
    lines: int
    has_errors: bool
    definitions: Sequence[DefinitionRow]
    packed_calls: tuple[Sequence[tuple[str, str]], bytes, bytes]
    """The fields of `Calls`."""
    imports: Sequence[ImportRow]
    parents: Sequence[tuple[int, str]]
    texts: bytes
    line_lengths: tuple[str, bytes]
    """Item type and items of an array: bytes of each line without its end."""

    def line(self, byte: int) -> int:
        """Return the line of a byte, counted from 1."""
        return bisect_right(self._line_starts, byte)

    @cached_property
    def _line_starts(self) -> list[int]:
        return list(accumulate((length + 1 for length in array(*self.line_lengths)), initial=0))

    @cached_property
    def calls(self) -> list[tuple[str, str, "array[int]"]]:
        """Return receiver, name, and the byte after the name at each place."""
        callees, counts, packed = self.packed_calls
        ends, found, place = array("I", packed), [], 0
        for (receiver, name), count in zip(callees, array("I", counts), strict=True):
            found.append((receiver, name, ends[place : place + count]))
            place += count
        return found

    def spans(self) -> "array[int]":
        """Return start and end byte of each string and comment, in order."""
        return array("I", self.texts)


def pack_facts(facts: Extract) -> bytes:
    """Return facts as they are stored."""
    calls = facts.calls.callees, facts.calls.counts.tobytes(), facts.calls.ends.tobytes()
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
    packed = marshal.dumps(row)
    return zlib.crc32(packed).to_bytes(4, "little") + packed


def unpack_facts(packed: bytes) -> Columns:
    """Return stored facts as columns; raises ValueError when they are damaged."""
    return Columns(*_loaded(packed))


def _loaded(packed: bytes) -> tuple[Any, ...]:
    # marshal must never see damaged bytes.
    if zlib.crc32(packed[4:]) != int.from_bytes(packed[:4], "little"):
        raise ValueError("stored facts are damaged")
    loaded: tuple[Any, ...] = marshal.loads(packed[4:])
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
    return tuple(as_definition(columns, ordinal) for ordinal in range(len(columns.definitions)))


def as_definition(columns: Columns, ordinal: int) -> Definition:
    """Return one definition of columns as an object."""
    row = columns.definitions[ordinal]
    name, qualname, kind, parent, first, last, start, end, name_byte, signature, doc, is_test = row
    place = (parent, first, last, start, end, name_byte)
    return Definition(ordinal, name, qualname, Kind(kind), *place, signature, doc, is_test)


def _calls(columns: Columns) -> Iterator[Call]:
    around = enclosing(columns.definitions)
    for receiver, name, ends in columns.calls:
        width = len(name.encode())
        for end in ends:
            yield Call(name, receiver, end - width, columns.line(end - 1), around(end - 1))
