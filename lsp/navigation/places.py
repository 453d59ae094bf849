"""Where lines and bytes of the files that were indexed are in what the editor shows now."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types

from agent.patches.line_diff import Common, common_runs
from lsp.folders import Folders
from lsp.text.document import Encoding, InvalidEdit, body, index_in, units
from lsp.text.documents import Documents
from lsp.text.placing import disk_lines, live_lines

Range = dict[str, dict[str, int]]
"""As JSON has it; so are all answers of navigation, which are long."""
_WORD = re.compile(r"[\w$]+")
_HEADER = 30
"""Lines from the first decorator to the name, at most."""
_WIDEST = 2000
"""Lines of a rewritten stretch in which equal ones are looked for; longer ones would hold up the editor."""


@dataclass(frozen=True)
class Shown:
    """A file as it was indexed beside the text that the editor has of it; lines count from 1."""

    uri: str
    seen: Sequence[str]
    live: Sequence[str]
    encoding: Encoding
    _runs: tuple[Common, ...] = field(default=())

    def line(self, seen: int) -> int | None:
        """Return where an indexed line is now; None when it was edited away."""
        if self.live is self.seen:
            return seen if 0 < seen <= len(self.seen) else None
        for run in self._runs:
            if run.first < seen <= run.first + run.length:
                return seen + run.second - run.first
        return None

    def nearest(self, seen: int) -> int:
        """Return where an indexed line is now, or else the one before it that is still there; 1 at least."""
        if self.live is self.seen:
            return max(1, min(seen, len(self.seen)))
        before = [run for run in self._runs if run.first < seen]
        if not before:
            return 1
        last = before[-1]
        return last.second + min(seen - last.first, last.length)

    def word(self, name: str, line: int, column: int | None = None) -> Range | None:
        """Return a name on a live line: at its column, in bytes from 1, or the first that is a whole word."""
        text = body(self.live[line - 1]) if 0 < line <= len(self.live) else ""
        start = _at(text, column) if column is not None else _whole(text, name)
        if start < 0 or not text.startswith(name, start):
            return None
        return self.span(line, start, start + len(name))

    def span(self, line: int, start: int, end: int) -> Range:
        """Return the range of some characters of a live line."""
        text = body(self.live[line - 1]) if 0 < line <= len(self.live) else ""
        first, last = (units(text[:index], self.encoding) for index in (start, end))
        return range_of(line - 1, first, line - 1, last)

    def lines(self, start: int, end: int) -> Range:
        """Return the range of whole live lines, the last one included."""
        last = body(self.live[end - 1]) if 0 < end <= len(self.live) else ""
        return range_of(start - 1, 0, end - 1, units(last, self.encoding))

    def named(self, name: str, start: int, end: int) -> Range:
        """Return where a definition that spans some live lines is named; else its first line."""
        for line in range(start, min(end, start + _HEADER) + 1):
            found = self.word(name, line)
            if found is not None:
                return found
        return self.lines(start, start)


def range_of(line: int, character: int, last_line: int, last_character: int) -> Range:
    """Return a range, which counts from 0."""
    start, end = {"line": line, "character": character}, {"line": last_line, "character": last_character}
    return {"start": start, "end": end}


def shown(documents: Documents, folders: Folders, path: Path, encoding: Encoding) -> Shown | None:
    """Return a file as it is shown; None when it cannot be read or followed."""
    uri = folders.uri_for(path)
    seen, live = disk_lines(path), live_lines(documents, uri)
    if seen is None or live is None:
        return None
    if live is seen or (len(live) == len(seen) and list(live) == list(seen)):
        return Shown(uri, seen, seen, encoding)
    live = tuple(live)
    return Shown(uri, seen, live, encoding, tuple(_runs(seen, live)))


def word_at(lines: Sequence[str], position: types.Position, encoding: Encoding) -> str:
    """Return the name at a position, or just before it; empty for none."""
    if not 0 <= position.line < len(lines):
        return ""
    text = body(lines[position.line])
    try:
        index = index_in(text, position.character, encoding)
    except InvalidEdit:
        return ""
    for found in _WORD.finditer(text):
        if found.start() <= index <= found.end():
            return found.group()
    return ""


def _runs(seen: Sequence[str], live: Sequence[str]) -> list[Common]:
    head = next((n for n, pair in enumerate(zip(seen, live, strict=False)) if pair[0] != pair[1]), None)
    head = min(len(seen), len(live)) if head is None else head
    most = min(len(seen), len(live)) - head
    tail = next((n for n in range(most) if seen[-1 - n] != live[-1 - n]), most)
    middle = seen[head : len(seen) - tail], live[head : len(live) - tail]
    runs = [Common(0, 0, head)] if head else []
    if max(map(len, middle)) <= _WIDEST:
        runs += [Common(head + one.first, head + one.second, one.length) for one in common_runs(*middle)]
    if tail:
        runs.append(Common(len(seen) - tail, len(live) - tail, tail))
    return runs


def _at(text: str, column: int) -> int:
    encoded = text.encode("utf-8", "surrogatepass")
    return len(encoded[: column - 1].decode("utf-8", "ignore")) if 0 < column <= len(encoded) else -1


def _whole(text: str, name: str) -> int:
    start = text.find(name)
    while start >= 0:
        around = text[start - 1 : start] + text[start + len(name) : start + len(name) + 1]
        if not any(one.isalnum() or one == "_" for one in around):
            return start
        start = text.find(name, start + 1)
    return -1
