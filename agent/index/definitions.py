"""Definitions of a file from the captures of its query: names and owners."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence

from tree_sitter import Node

from agent.index.facts import CALLABLE, HOLDER, MODULE, Kind
from agent.index.headers import Captures, Headers, body_start

DefinitionRow = tuple[str, str, str, int, int, int, int, int, int, str, str, bool]
"""The fields of `Definition` after its ordinal, in their order."""

_PREFIX = "definition."
_SCOPE = "scope"
_NAMING = frozenset({"name", "owner"})
_LATE = 1 << 40
_WEAK = frozenset({Kind.TYPE, Kind.VARIABLE, Kind.FIELD, Kind.CONSTANT})
"""Kinds that give way when the same piece is also of another."""
_LONGEST_TITLE = 120
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


def definitions(
    language: str, source: bytes, captures: Captures
) -> tuple[list[DefinitionRow], list[tuple[int, int, str]]]:
    """Return the definitions in the order of the file, and (start, end, name) of what only owns some."""
    found = _swept(source, captures)
    kept = [item for item in found if item.name and item.kind != _SCOPE]
    ordinals = {id(item): number for number, item in enumerate(kept)}
    for item in found:
        item.parts = _qualified(item)
    headers = Headers(language, source, captures)
    outer = {node.end_byte: node for node in captures.get("outer", ())}
    owning = [(item.start, item.end, ".".join(item.parts)) for item in found if item.kind == _SCOPE]
    return [_row(item, outer, headers, ordinals) for item in kept], owning


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
            late = 2 * _LATE if capture in _NAMING else _LATE if kind in _WEAK else 0
            for node in nodes:
                number += 1
                events.append((node.start_byte, -node.end_byte, number | late, kind, node))
    events.sort()
    return events


def _take_name(stack: Sequence[_Open], name: str, byte: int) -> None:
    for item in reversed(stack):
        if not item.name:
            if item.kind == Kind.SECTION:
                name = " ".join(name.split()).strip("\"'")[:_LONGEST_TITLE]
            item.name, item.name_byte = name, byte
            return


def _qualified(item: _Open) -> list[str]:
    above = item.parent.parts if item.parent else []
    # What a node is called takes long to ask.
    if item.parent and item.parent.kind == Kind.TYPE and item.parent.node.type == "type_definition":
        # The struct inside a typedef of C has a name beside it, not below it.
        above = above[:-1]
    if not item.owner and item.name.isidentifier():
        return [*above, item.name]
    text = f"{item.owner}.{item.name}" if item.owner else item.name
    while (shorter := _TYPE_ARGUMENTS.sub("", text)) != text:
        text = shorter
    own = [part for part in _QUALIFIER.split(text) if part] if item.kind != Kind.SECTION else [text]
    return [*above, *own]


def _row(
    item: _Open, around: Mapping[int, Node], headers: Headers, ordinals: Mapping[int, int]
) -> DefinitionRow:
    outer = around.get(item.end, item.node)
    if outer.start_byte > item.start:
        outer = item.node
    start, (row, _), (end_row, end_column) = outer.start_byte, outer.start_point, outer.end_point
    header_end = body_start(item.node) if item.kind in _WITH_BODY else item.end
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
        headers.signature(item.start, header_end),
        headers.doc(start, header_end, row),
        headers.is_test(item.kind, name, start, header_end),
    )


def _kind(item: _Open) -> str:
    outside = len(item.parts) > len(item.parent.parts if item.parent else ()) + 1
    if item.kind == Kind.FUNCTION and (outside or (item.parent and _is_holder(item.parent.kind))):
        return Kind.METHOD.value
    return item.kind


def _is_holder(kind: str) -> bool:
    return kind == _SCOPE or (kind in HOLDER and kind != Kind.MODULE)


def _emitted(item: _Open | None, ordinals: Mapping[int, int]) -> int:
    while item is not None and id(item) not in ordinals:
        item = item.parent
    return ordinals[id(item)] if item is not None else MODULE
