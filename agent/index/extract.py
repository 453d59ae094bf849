"""From the bytes of one file to its facts, in the shape that is stored."""

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tree_sitter import Node, Parser, QueryCursor

from agent.index.definitions import DefinitionRow, definitions, enclosing
from agent.index.facts import HOLDER, MODULE
from agent.index.grammar import BY_NAME, grammar, query
from agent.index.headers import Captures
from agent.index.imports import ImportRow, imports

_LONGEST_CALLEE = 200
_SEPARATOR = re.compile(r"\s*(?:\?\.|&\.|\.|->|::|\\|:)\s*")
_NAME = re.compile(r"[^\W\d][\w$]*[!?]?|\$[\w$]*")
_CHAIN_BEFORE = re.compile(
    rb"([\w$@\x80-\xff]+(?:(?:\?\.|&\.|\.|->|::|\\|:)[\w$\x80-\xff]+)*)(?:\?\.|&\.|\.|->|::|\\|:)$"
)
_WINDOW = 80
_JOINTS = frozenset(b".>:\\")


class Calls(NamedTuple):
    """Every call of a file, those of the same receiver and name together."""

    callees: list[tuple[str, str]]
    """Receiver and name."""
    counts: "array[int]"
    """How often each is called."""
    ends: "array[int]"
    """The byte after the name at each place, in the order of `callees`."""


@dataclass(slots=True)
class Extract:
    """The facts of one file as columns."""

    language: str
    lines: int
    has_errors: bool
    definitions: list[DefinitionRow] = field(default_factory=list)
    calls: Calls = field(default_factory=lambda: Calls([], array("I"), array("I")))
    imports: list[ImportRow] = field(default_factory=list)
    parents: list[tuple[int, str]] = field(default_factory=list)
    texts: "array[int]" = field(default_factory=lambda: array("I"))
    """Start and end byte of each string and comment, in order."""
    line_lengths: "array[int]" = field(default_factory=lambda: array("H"))
    """Bytes of each line without its end."""


def extract(language: str, source: bytes) -> Extract:
    """Parse a file and return its facts; "" as language gives none."""
    lines = source.count(b"\n") + (not source.endswith(b"\n") and bool(source))
    if language not in BY_NAME:
        return Extract(language, lines, False, line_lengths=_line_lengths(source))
    root = _parser(language).parse(source).root_node
    captures: Captures = QueryCursor(query(language)).captures(root)
    rows, owning = definitions(language, source, captures)
    return Extract(
        language,
        lines,
        root.has_error,
        rows,
        _calls(source, captures.get("call", ())),
        imports(language, source, captures),
        _parents(source, captures, rows, owning),
        _texts(captures),
        _line_lengths(source),
    )


def _calls(source: bytes, nodes: Sequence[Node]) -> Calls:
    places: dict[bytes, list[int]] = {}
    starts, ends = [node.start_byte for node in nodes], [node.end_byte for node in nodes]
    for start, end in zip(starts, ends, strict=True):
        text = source[start:end] if end - start <= _LONGEST_CALLEE else b"?." + source[end - _WINDOW : end]
        if source[start - 1] in _JOINTS and start:
            text = _receiver_before(source, start) + text
        if text in places:
            places[text].append(end)
        else:
            places[text] = [end]
    found: dict[tuple[str, str], list[int]] = {}
    for text, own in places.items():
        callee = _split(text.decode("utf-8", "replace"))
        if callee in found:
            found[callee] += own
        elif callee[1]:
            found[callee] = own
    flat = array("I", [end for own in found.values() for end in own])
    return Calls(list(found), array("I", map(len, found.values())), flat)


def _split(text: str) -> tuple[str, str]:
    """Return receiver and name of a called expression; "" as name when it has none."""
    if text.isidentifier():
        return "", text
    if text.startswith("super()."):
        text = text.replace("()", "", 1)
    receiver, _, name = text.rpartition(".")
    if name.isidentifier() and receiver.replace(".", "").isidentifier():
        return receiver, name
    *chain, name = _SEPARATOR.split(text)
    if not _NAME.fullmatch(name):
        return "", ""
    whole = all(_NAME.fullmatch(part.lstrip("@")) for part in chain)
    return ".".join(chain) if whole else "?", name


def _receiver_before(source: bytes, start: int) -> bytes:
    found = _CHAIN_BEFORE.search(source, max(0, start - _WINDOW), start)
    return found.group() if found else b"?."


def _parents(
    source: bytes,
    captures: Captures,
    rows: Sequence[DefinitionRow],
    owning: Sequence[tuple[int, int, str]],
) -> list[tuple[int, str]]:
    if "parent" not in captures:
        return []
    around = enclosing(rows)
    named = {row[1]: ordinal for ordinal, row in enumerate(rows) if row[2] in HOLDER}
    found = []
    for node in sorted(captures["parent"], key=lambda node: node.start_byte):
        text = source[node.start_byte : node.end_byte].decode("utf-8", "replace")
        owners = [named.get(name, MODULE) for start, end, name in owning if start <= node.start_byte < end]
        ordinal = owners[-1] if owners else around(node.start_byte)
        if ordinal != MODULE:
            found.append((ordinal, re.sub(r"::|\\", ".", text)))
    return found


def _texts(captures: Captures) -> "array[int]":
    spans = [
        (node.start_byte, node.end_byte) for kind in ("string", "comment") for node in captures.get(kind, ())
    ]
    spans.sort()
    return array("I", [edge for span in spans for edge in span])


def _line_lengths(source: bytes) -> "array[int]":
    lines = source.split(b"\n")
    try:
        return array("B", bytes(map(len, lines)))
    except ValueError:
        return array("I", map(len, lines))


_PARSERS: dict[str, Parser] = {}


def _parser(language: str) -> Parser:
    if language not in _PARSERS:
        _PARSERS[language] = Parser(grammar(language))
    return _PARSERS[language]
