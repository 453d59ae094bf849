"""A file as lines that remember which line of the original they were."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agent.protocol.edit import Splice

BOM = "\ufeff"
_UTF8 = "utf-8"
_LATIN1 = "latin-1"


class Line(NamedTuple):
    """A line, its end, and its number in the original; None when it was changed."""

    text: str
    end: str
    origin: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """The lines of a file, in a decoding that gives every byte back."""

    lines: tuple[Line, ...]
    charset: str = _UTF8
    has_stray: bool = False
    """Some bytes of the original are no UTF-8, and a reader may have seen U+FFFD for them."""

    @property
    def texts(self) -> list[str]:
        """Return the lines without their ends."""
        return [line.text for line in self.lines]

    @property
    def content(self) -> bytes:
        """Return the bytes of the file."""
        return self.bytes_of(self.lines)

    @property
    def usual_end(self) -> str:
        """Return the commonest line end."""
        return usual_end(self.lines) or "\n"

    @property
    def is_bare(self) -> bool:
        """Say whether the last line has no newline."""
        return bool(self.lines) and not self.lines[-1].end

    def bytes_of(self, lines: Sequence[Line]) -> bytes:
        """Return the bytes of some lines."""
        return "".join([line.text + line.end for line in lines]).encode(self.charset, "surrogateescape")

    def with_lines(self, lines: Sequence[Line]) -> "Document":
        """Return the file with other lines."""
        return Document(tuple(lines), self.charset, self.has_stray)

    def can_hold(self, text: str) -> bool:
        """Say whether the file's charset has all characters of a new text."""
        if self.charset == _UTF8:
            return True
        return text.isascii() or all(ord(char) < 256 for char in text)

    def views(self) -> Iterator[list[str]]:
        """Yield the lines as a reader may have seen them, bytes that are no UTF-8 included."""
        texts = self.texts
        yield texts
        if self.has_stray:
            yield [_shown(text, self.charset) for text in texts]


def read_document(content: bytes) -> Document:
    """Return the lines of a file's bytes."""
    text, charset, has_stray = _decoded(content)
    parts = text.split("\n")
    last = parts.pop()
    lines = [
        Line(part[:-1], "\r\n", number) if part.endswith("\r") else Line(part, "\n", number)
        for number, part in enumerate(parts)
    ]
    if last:
        lines.append(Line(last, "", len(lines)))
    return Document(tuple(lines), charset, has_stray)


def usual_end(lines: Sequence[Line]) -> str:
    """Return the commonest end of the lines; empty when none has one."""
    counted = Counter(line.end for line in lines if line.end)
    return counted.most_common(1)[0][0] if counted else ""


def splices_between(path: str, before: Document, after: Document) -> tuple[Splice, ...]:
    """Return the changed runs of whole lines; lines with an origin are untouched bytes."""
    offset = position = 0
    found: list[Splice] = []
    for start, end, new in _changed_runs(before, after):
        offset += len(before.bytes_of(before.lines[position:start]))
        position = start
        old = before.bytes_of(before.lines[start:end])
        fresh = after.bytes_of(new)
        if old != fresh:
            found.append(Splice(path=path, start=offset, old=old, new=fresh))
    return tuple(found)


def _changed_runs(before: Document, after: Document) -> Iterator[tuple[int, int, list[Line]]]:
    position = 0
    fresh: list[Line] = []
    for line in after.lines:
        if line.origin is None:
            fresh.append(line)
            continue
        if fresh or line.origin > position:
            yield position, line.origin, fresh
        position, fresh = line.origin + 1, []
    if fresh or position < len(before.lines):
        yield position, len(before.lines), fresh


def _decoded(content: bytes) -> tuple[str, str, bool]:
    try:
        return content.decode(_UTF8), _UTF8, False
    except UnicodeDecodeError:
        # A file that has real UTF-8 beside stray bytes is UTF-8; one that has none is 8-bit text.
        if content.decode(_UTF8, "ignore").isascii():
            return content.decode(_LATIN1), _LATIN1, True
        return content.decode(_UTF8, "surrogateescape"), _UTF8, True


def _shown(text: str, charset: str) -> str:
    return text if text.isascii() else text.encode(charset, "surrogateescape").decode(_UTF8, "replace")
