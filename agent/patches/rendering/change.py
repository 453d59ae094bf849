"""What happened to one file, and its changed lines with some around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.patches.block import NO_NEWLINE
from agent.patches.document import Document, Line, read_document
from agent.patches.line_diff import common_runs


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after; None when there was or is none."""

    path: str
    before: Document | None
    after: Document | None


@dataclass(frozen=True, slots=True)
class ChangedLines:
    """Some lines of a file with their sign (" ", "-", "+"); starts count from 0."""

    old_start: int
    new_start: int
    signed: tuple[tuple[str, Line], ...]

    @property
    def old(self) -> list[Line]:
        """Return the lines as they were."""
        return [line for sign, line in self.signed if sign != "+"]

    @property
    def new(self) -> list[Line]:
        """Return the lines as they are now."""
        return [line for sign, line in self.signed if sign != "-"]


def change_of(path: str, before: bytes | None, after: bytes | None) -> Change:
    """Return the change between two contents of a file."""
    old, new = (None if content is None else read_document(content) for content in (before, after))
    return Change(path, old, new)


def changed_lines(before: Document, after: Document, context: int) -> Iterator[ChangedLines]:
    """Yield the changed places with so many unchanged lines around; places that touch are one."""
    old, new = before.lines, after.lines
    waiting: list[tuple[int, int, int, int]] = []
    for span in _spans(old, new):
        if waiting and span[0] - waiting[-1][1] > 2 * context:
            yield _joined(old, new, waiting, context)
            waiting = []
        waiting.append(span)
    if waiting:
        yield _joined(old, new, waiting, context)


def raw_lines(lines: Sequence[Line], charset: str = "utf-8") -> list[str]:
    """Return lines as they are written in a text: carriage returns shown, a missing newline marked."""
    raw = [raw_line(line, charset) for line in lines]
    return [*raw, NO_NEWLINE] if lines and not lines[-1].end else raw


def raw_line(line: Line, charset: str = "utf-8") -> str:
    """Return one line as it is written in a text, stray bytes as U+FFFD."""
    text = line.text + ("\r" if line.end == "\r\n" else "")
    if charset != "utf-8" or text.isascii():
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _spans(old: Sequence[Line], new: Sequence[Line]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the runs `old[a:b] -> new[c:d]` that differ."""
    a = c = 0
    ends = [(line.text, line.end) for line in old], [(line.text, line.end) for line in new]
    for first, second, length in [*common_runs(*ends), (len(old), len(new), 0)]:
        if first > a or second > c:
            yield a, first, c, second
        a, c = first + length, second + length


def _joined(
    old: Sequence[Line], new: Sequence[Line], spans: Sequence[tuple[int, int, int, int]], context: int
) -> ChangedLines:
    start = max(0, spans[0][0] - context)
    signed: list[tuple[str, Line]] = []
    position = start
    for a, b, c, d in spans:
        signed += [(" ", line) for line in old[position:a]]
        signed += [("-", line) for line in old[a:b]]
        signed += [("+", line) for line in new[c:d]]
        position = b
    signed += [(" ", line) for line in old[position : position + context]]
    return ChangedLines(start, spans[0][2] - (spans[0][0] - start), tuple(signed))
