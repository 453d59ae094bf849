"""Definitions of a file from the captures of its query: names, owners, headers, first doc lines."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from tree_sitter import Node

from agent.index.facts import CALLABLE, HOLDER, MODULE, Kind
from agent.index.grammar import BY_NAME

Captures = Mapping[str, Sequence[Node]]
DefinitionRow = tuple[str, str, str, int, int, int, int, int, int, str, str, bool]
"""The fields of `Definition` after its ordinal, in their order."""

_PREFIX = "definition."
_SCOPE = "scope"
_NAMING = frozenset({"name", "owner"})
_LATE = 1 << 40
_LONGEST_HEADER = 240
_LONGEST_DOC = 200
_MARKERS = re.compile(r"^[\s/*#!;<\-\"'r]+|[\s*/\->\"']+$")
_TESTABLE = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CLASS})
_WITH_BODY = CALLABLE | HOLDER
_QUALIFIER = re.compile(r"::|\\|\.|:")
_TYPE_ARGUMENTS = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")


class _Open:
    """A definition while its file is swept; `kind` is `scope` for one that only owns others."""

    __slots__ = ("end", "kind", "name", "name_byte", "node", "owner", "parent", "parts", "start")

    def __init__(self, node: Node, kind: str, start: int, end: int, parent: "_Open | None") -> None:
        self.node, self.kind, self.start, self.end, self.parent = node, kind, start, end, parent
        self.name = self.owner = ""
        self.name_byte = 0
        self.parts: list[str] = []


def definitions(language: str, source: bytes, captures: Captures) -> list[DefinitionRow]:
    """Return the definitions in the order of the file, a parent before its members."""
    found = _swept(source, captures)
    kept = [item for item in found if item.name and item.kind != _SCOPE]
    ordinals = {id(item): number for number, item in enumerate(kept)}
    for item in found:
        item.parts = _qualified(item)
    describe = _Describer(language, source, captures)
    return [describe(item, ordinals) for item in kept]


def enclosing(rows: Sequence[DefinitionRow]) -> Callable[[int], int]:
    """Return a function from a byte to the ordinal of the innermost definition around it, or MODULE."""
    edges, owners = boundaries(rows)
    return lambda byte: owners[bisect_right(edges, byte) - 1]


def boundaries(rows: Sequence[DefinitionRow]) -> tuple[list[int], list[int]]:
    """Return where the innermost definition changes, and to which; the first edge is byte 0."""
    edges, owners, stack = [0], [MODULE], [(MODULE, 1 << 62)]
    for ordinal, row in enumerate(rows):
        start, end = row[6], row[7]
        while stack[-1][1] <= start:
            _, closed = stack.pop()
            edges.append(closed)
            owners.append(stack[-1][0])
        edges.append(start)
        owners.append(ordinal)
        stack.append((ordinal, end))
    while len(stack) > 1:
        _, closed = stack.pop()
        edges.append(closed)
        owners.append(stack[-1][0])
    return edges, owners


def _swept(source: bytes, captures: Captures) -> list[_Open]:
    """Give every captured definition its parent, and every name to the innermost one still without."""
    found: list[_Open] = []
    stack: list[_Open] = []
    for start, end, _, kind, node in _events(captures):
        while stack and stack[-1].end <= start:
            stack.pop()
        if kind == "name":
            _take_name(stack, source[start:-end].decode("utf-8", "replace"), start)
        elif kind == "owner":
            if stack:
                stack[-1].owner = source[start:-end].decode("utf-8", "replace")
        elif not (stack and stack[-1].start == start and stack[-1].end == -end):
            item = _Open(node, kind, start, -end, stack[-1] if stack else None)
            found.append(item)
            stack.append(item)
    return found


def _events(captures: Captures) -> list[tuple[int, int, int, str, Node]]:
    # Ordered by start and, of several at one place, the longest first; a name comes after its definition.
    # The number makes every event different, so that sorting never compares nodes.
    events = []
    number = 0
    for capture, nodes in captures.items():
        if capture.startswith(_PREFIX) or capture in _NAMING or capture == _SCOPE:
            kind = capture.removeprefix(_PREFIX)
            number = number | _LATE if capture in _NAMING else number & ~_LATE
            for node in nodes:
                number += 1
                events.append((node.start_byte, -node.end_byte, number, kind, node))
    events.sort()
    return events


def _take_name(stack: Sequence[_Open], name: str, byte: int) -> None:
    for item in reversed(stack):
        if not item.name:
            item.name, item.name_byte = name, byte
            return


def _qualified(item: _Open) -> list[str]:
    above = item.parent.parts if item.parent else []
    if not item.owner and item.name.isidentifier():
        return [*above, item.name]
    text = f"{item.owner}.{item.name}" if item.owner else item.name
    while (shorter := _TYPE_ARGUMENTS.sub("", text)) != text:
        text = shorter
    own = [part for part in _QUALIFIER.split(text) if part] if item.kind != Kind.SECTION else [text]
    return [*above, *own]


class _Describer:
    """Turns swept definitions of one file into rows."""

    def __init__(self, language: str, source: bytes, captures: Captures) -> None:
        self._source = source
        self._captures = captures
        tests = BY_NAME[language].tests
        self._test_name = re.compile(tests).match if tests else None
        self._outer = {node.end_byte: node for node in captures.get("outer", ())}
        self._docs = {node.start_byte: node.end_byte for node in captures.get("doc", ())}
        self._tests = sorted(node.start_byte for node in captures.get("test", ()))

    def __call__(self, item: _Open, ordinals: Mapping[int, int]) -> DefinitionRow:
        outer = self._outer.get(item.end)
        if outer is None or outer.start_byte > item.start:
            outer = item.node
        start, (row, _), (end_row, end_column) = outer.start_byte, outer.start_point, outer.end_point
        body = item.node.child_by_field_name("body") if item.kind in _WITH_BODY else None
        header_end = body.start_byte if body is not None else item.end
        name = item.parts[-1] if item.parts else item.name
        return (
            name,
            ".".join(item.parts),
            _kind(item),
            _emitted(item.parent, ordinals),
            row + 1,
            end_row + 1 if end_column else max(end_row, row + 1),
            start,
            item.end,
            item.name_byte,
            self._signature(item.start, header_end),
            self._doc(header_end, row),
            self._is_test(item.kind, name, start, header_end),
        )

    def _signature(self, start: int, end: int) -> str:
        text = self._source[start : min(end, start + 4 * _LONGEST_HEADER)]
        header = " ".join(text.decode("utf-8", "replace").split())
        return header[:_LONGEST_HEADER].rstrip(":{ ;")

    def _doc(self, body: int, row: int) -> str:
        if self._docs:
            # Nothing but comments may come between the start of a body and its docstring.
            place = body
            while self._source[place : place + 1] == b"#":
                place = _next_word(self._source, self._source.find(b"\n", place) + 1)
            if place in self._docs:
                return _first_line(self._source[place : self._docs[place]])
        if row - 1 not in self._comments:
            return ""
        start, end = self._comments[row - 1]
        while (above := self._comments.get(self._source.count(b"\n", 0, start) - 1)) is not None:
            start, end = above
        return _first_line(self._source[start:end])

    @cached_property
    def _comments(self) -> dict[int, tuple[int, int]]:
        """Return start and end of each comment by the row that it ends in."""
        nodes = self._captures.get("comment", ())
        return {node.end_point[0]: (node.start_byte, node.end_byte) for node in nodes}

    def _is_test(self, kind: str, name: str, start: int, header_end: int) -> bool:
        if kind in _TESTABLE and self._test_name and self._test_name(name):
            return True
        place = bisect_right(self._tests, start - 1)
        return place < len(self._tests) and self._tests[place] < header_end


def _next_word(source: bytes, place: int) -> int:
    while source[place : place + 1] in (b" ", b"\t", b"\r", b"\n", b"\f"):
        place += 1
    return place


def _kind(item: _Open) -> str:
    if item.kind == Kind.FUNCTION and (item.owner or (item.parent and _is_holder(item.parent.kind))):
        return Kind.METHOD.value
    return item.kind


def _is_holder(kind: str) -> bool:
    return kind == _SCOPE or (kind in HOLDER and kind != Kind.MODULE)


def _emitted(item: _Open | None, ordinals: Mapping[int, int]) -> int:
    while item is not None and id(item) not in ordinals:
        item = item.parent
    return ordinals[id(item)] if item is not None else MODULE


def _first_line(text: bytes) -> str:
    for line in text.decode("utf-8", "replace").splitlines():
        if said := _MARKERS.sub("", line):
            return said[:_LONGEST_DOC]
    return ""
