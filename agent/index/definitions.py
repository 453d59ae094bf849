"""Definitions of a file from the captures of its query: names, owners, headers, first doc lines."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tree_sitter import Node

from agent.index.facts import HOLDER, MODULE, Kind
from agent.index.grammar import BY_NAME

Captures = Mapping[str, Sequence[Node]]
DefinitionRow = tuple[str, str, str, int, int, int, int, int, int, str, str, bool]
"""The fields of `Definition` after its ordinal, in their order."""

_PREFIX = "definition."
_SCOPE = "scope"
_LONGEST_HEADER = 240
_LONGEST_DOC = 200
_MARKERS = re.compile(r"^[\s/*#!;<\-\"'r]+|[\s*/\->\"']+$")
_QUALIFIER = re.compile(r"::|\\|\.|:")
_TYPE_ARGUMENTS = re.compile(r"<[^<>]*>|\[[^\[\]]*\]")


@dataclass(slots=True)
class _Open:
    """A definition while its file is swept; `kind` is `scope` for one that only owns others."""

    node: Node
    kind: str
    start: int
    end: int
    parent: "_Open | None"
    name: str = ""
    name_byte: int = 0
    owner: str = ""
    parts: list[str] = field(default_factory=list)


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
    for start, end, kind, node in _events(captures):
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


def _events(captures: Captures) -> list[tuple[int, int, str, Node]]:
    # Ordered by start and, of several at one place, the longest first; a name comes after its definition.
    events = []
    for capture, nodes in captures.items():
        if capture.startswith(_PREFIX) or capture in ("name", "owner", _SCOPE):
            kind = capture.removeprefix(_PREFIX)
            events += [(node.start_byte, -node.end_byte, kind, node) for node in nodes]
    events.sort(key=_event_order)
    return events


def _event_order(event: tuple[int, int, str, Node]) -> tuple[int, int, bool]:
    return event[0], event[1], event[2] in ("name", "owner")


def _take_name(stack: Sequence[_Open], name: str, byte: int) -> None:
    for item in reversed(stack):
        if not item.name:
            item.name, item.name_byte = name, byte
            return


def _qualified(item: _Open) -> list[str]:
    above = item.parent.parts if item.parent else []
    text = f"{item.owner}.{item.name}" if item.owner else item.name
    while (shorter := _TYPE_ARGUMENTS.sub("", text)) != text:
        text = shorter
    own = [part for part in _QUALIFIER.split(text) if part] if item.kind != Kind.SECTION else [text]
    return [*above, *own]


class _Describer:
    """Turns swept definitions of one file into rows."""

    def __init__(self, language: str, source: bytes, captures: Captures) -> None:
        self._source = source
        tests = BY_NAME[language].tests
        self._test_name = re.compile(tests).match if tests else None
        self._outer = {node.end_byte: node for node in captures.get("outer", ())}
        self._docs = sorted((node.start_byte, node.end_byte) for node in captures.get("doc", ()))
        self._tests = sorted(node.start_byte for node in captures.get("test", ()))
        self._comments = {node.end_point.row: node for node in captures.get("comment", ())}

    def __call__(self, item: _Open, ordinals: Mapping[int, int]) -> DefinitionRow:
        node, parent = item.node, _emitted(item.parent, ordinals)
        outer = self._outer.get(node.end_byte, node)
        outer = outer if outer.start_byte <= node.start_byte else node
        name = item.parts[-1] if item.parts else item.name
        return (
            name,
            ".".join(item.parts),
            _kind(item),
            parent,
            outer.start_point.row + 1,
            _last_line(outer),
            outer.start_byte,
            outer.end_byte,
            item.name_byte,
            self._signature(node),
            self._doc(item, outer),
            self._is_test(item, name, outer),
        )

    def _signature(self, node: Node) -> str:
        body = node.child_by_field_name("body")
        end = body.start_byte if body is not None else node.end_byte
        text = self._source[node.start_byte : min(end, node.start_byte + 4 * _LONGEST_HEADER)]
        header = " ".join(text.decode("utf-8", "replace").split())
        return header[:_LONGEST_HEADER].rstrip(":{ ;")

    def _doc(self, item: _Open, outer: Node) -> str:
        place = bisect_right(self._docs, (item.start, 0))
        if place < len(self._docs) and self._docs[place][1] <= item.end and self._owns(item, place):
            return _first_line(self._source[slice(*self._docs[place])])
        comment = self._comments.get(outer.start_point.row - 1)
        while comment is not None and (above := self._comments.get(comment.start_point.row - 1)):
            comment = above
        return _first_line(self._source[comment.start_byte : comment.end_byte]) if comment else ""

    def _owns(self, item: _Open, place: int) -> bool:
        # The first docstring inside may be that of a member; its own starts where the body does.
        body = item.node.child_by_field_name("body")
        return body is not None and self._between(body.start_byte, self._docs[place][0])

    def _between(self, start: int, end: int) -> bool:
        return all(
            line.lstrip().startswith(b"#") or not line.strip()
            for line in self._source[start:end].split(b"\n")
        )

    def _is_test(self, item: _Open, name: str, outer: Node) -> bool:
        if (
            item.kind in (Kind.FUNCTION, Kind.METHOD, Kind.CLASS)
            and self._test_name
            and self._test_name(name)
        ):
            return True
        place = bisect_right(self._tests, outer.start_byte - 1)
        header = item.node.child_by_field_name("body")
        end = header.start_byte if header is not None else item.end
        return place < len(self._tests) and self._tests[place] < end


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


def _last_line(node: Node) -> int:
    end = node.end_point
    return end.row + (1 if end.column else 0) or 1


def _first_line(text: bytes) -> str:
    for line in text.decode("utf-8", "replace").splitlines():
        if said := _MARKERS.sub("", line):
            return said[:_LONGEST_DOC]
    return ""
