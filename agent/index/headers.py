"""What stands around a definition: its header, its first line of documentation, what makes it a test."""

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property

from tree_sitter import Node

from agent.index.facts import Kind
from agent.index.grammar import BY_NAME

Captures = Mapping[str, Sequence[Node]]

_LONGEST_HEADER = 240
_LONGEST_DOC = 200
_MARKERS = re.compile(r"^[\s/*#!;<\-\"'r]+|[\s*/\->\"']+$")
_ONLY_ATTRIBUTES = re.compile(rb"(?:\s|#\[[^\]]*\]|//[^\n]*)*")
_HASH_COMMENTS = frozenset({"python", "ruby", "bash"})
_HASH_COMMENT = re.compile(rb"(?m)(?:^|\s)#.*$")
_TESTABLE = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CLASS})
_TAG = re.compile(r"</?\w+>")


class Headers:
    """Describes the definitions of one file."""

    def __init__(self, language: str, source: bytes, captures: Captures) -> None:
        self._source = source
        self._captures = captures
        self._has_hash_comments = language in _HASH_COMMENTS
        tests = BY_NAME[language].tests
        self._test_name = re.compile(tests).match if tests else None
        self._docs = {node.start_byte: node.end_byte for node in captures.get("doc", ())}
        self._tests = sorted(node.start_byte for node in captures.get("test", ()))
        self._tests_before = sorted(node.end_byte for node in captures.get("test.before", ()))

    def signature(self, start: int, end: int) -> str:
        """Return the header between two bytes on one line."""
        text = self._source[start : min(end, start + 4 * _LONGEST_HEADER)]
        if b"\n" in text and self._has_hash_comments:
            text = _HASH_COMMENT.sub(b"", text)
        header = " ".join(text.decode("utf-8", "replace").split())
        return header[:_LONGEST_HEADER].rstrip(":{ ;")

    def doc(self, start: int, body: int, row: int) -> str:
        """Return the first line of the docstring at the body, or of the comment above the start."""
        if self._docs:
            # Nothing but comments may come between the start of a body and its docstring.
            place = body
            while self._source[place : place + 1] == b"#":
                place = _next_word(self._source, self._source.find(b"\n", place) + 1)
            if place in self._docs:
                return _first_line(self._source[place : self._docs[place]])
        return self._comment_above(start, row) if self._comments else ""

    def _comment_above(self, start: int, row: int) -> str:
        source = self._source
        line = source.rfind(b"\n", 0, start) + 1
        if source[line:start].strip(b" \t"):
            return ""
        while row and source.startswith(b"#[", above := source.rfind(b"\n", 0, line - 1) + 1):
            line, row = above, row - 1
        span = self._comments.get(row - 1)
        while span and (above_it := self._comments.get(source.count(b"\n", 0, span[0]) - 1)):
            span = above_it
        return _first_line(source[slice(*span)]) if span else ""

    @cached_property
    def _comments(self) -> dict[int, tuple[int, int]]:
        """Return start and end of each comment by the row that it ends in."""
        nodes = self._captures.get("comment", ())
        # Some grammars count the line end to a comment, which then ends at the start of the next row.
        return {
            node.end_point[0] - (node.end_point[1] == 0): (node.start_byte, node.end_byte) for node in nodes
        }

    def is_test(self, kind: str, name: str, start: int, header_end: int) -> bool:
        """Return whether name, attribute or the call itself make a definition a test."""
        if kind in _TESTABLE and self._test_name and self._test_name(name):
            return True
        place = bisect_right(self._tests, start - 1)
        if place < len(self._tests) and self._tests[place] < header_end:
            return True
        before = bisect_right(self._tests_before, start)
        if not before or kind not in _TESTABLE:
            return False
        return bool(_ONLY_ATTRIBUTES.fullmatch(self._source, self._tests_before[before - 1], start))


def body_start(node: Node) -> int:
    """Return where the body of a definition starts, its end when it has none."""
    body = node.child_by_field_name("body")
    if body is None and (value := node.child_by_field_name("value") or node.child_by_field_name("right")):
        body = value.child_by_field_name("body")
    return body.start_byte if body is not None else node.end_byte


def _next_word(source: bytes, place: int) -> int:
    while source[place : place + 1] in (b" ", b"\t", b"\r", b"\n", b"\f"):
        place += 1
    return place


def _first_line(text: bytes) -> str:
    for line in text.decode("utf-8", "replace").splitlines():
        if said := _MARKERS.sub("", _TAG.sub("", line)):
            return said[:_LONGEST_DOC]
    return ""
