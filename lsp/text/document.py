"""A text as an editor has it: lines that end as LSP says, edits in three position encodings, checked."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Encoding(StrEnum):
    """What a character offset counts (LSP 3.17, PositionEncodingKind)."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position: line from 0, and an offset in units of the encoding."""

    line: int
    character: int


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of a `didChange`; without a range it is the whole text."""

    text: str
    start: Place | None = None
    end: Place | None = None


class InvalidEdit(ValueError):
    """An edit that cannot be meant for the text as we know it."""


class Document:
    """An open document. After an invalid edit it is `desynced`, until it is opened anew."""

    def __init__(
        self,
        uri: str,
        version: int,
        text: str,
        encoding: Encoding = Encoding.UTF16,
        *,
        lines: list[str] | None = None,
        feed: str | None = None,
    ) -> None:
        """Take a text, and what `preparing` found in it where that was done before."""
        self.uri = uri
        self.version = version
        self.encoding = encoding
        self.desynced = ""
        """Why our text is not the editor's; empty while it is."""
        self.feed = feed_of(text) if lines is None else feed
        """The line feed that it was opened with, as `feed_of` has it."""
        self._lines = split_lines(text) if lines is None else lines

    @property
    def text(self) -> str:
        """Return the whole text."""
        return "".join(self._lines)

    @property
    def lines(self) -> Sequence[str]:
        """Return the lines with their ends; the empty one after a last line end is not among them."""
        return self._lines

    def apply(self, version: int, changes: Sequence[Change]) -> None:
        """Apply the edits of one `didChange` in their order; raises InvalidEdit and is desynced then."""
        self.version = version
        if self.desynced and not any(change.start is None for change in changes):
            raise InvalidEdit(self.desynced)
        try:
            for change in changes:
                self._apply(change)
        except InvalidEdit as error:
            self.desynced = str(error)
            raise

    def offset(self, place: Place) -> tuple[int, int]:
        """Return the line and the index in it of a position; raises InvalidEdit.

        An offset behind the end of a line means its end; so does one line behind the last.
        """
        count = len(self._lines)
        if not 0 <= place.line <= count or place.character < 0:
            raise InvalidEdit(f"there is no position {place.line}:{place.character}")
        if place.line == count:
            return count, 0
        return place.line, index_in(body(self._lines[place.line]), place.character, self.encoding)

    def _apply(self, change: Change) -> None:
        if change.start is None or change.end is None:
            self._lines, self.desynced = split_lines(change.text), ""
            return
        first, begin = self.offset(change.start)
        last, end = self.offset(change.end)
        if (first, begin) > (last, end):
            raise InvalidEdit("the end of the edit lies before its start")
        before = self._lines[first][:begin] if first < len(self._lines) else ""
        after = self._lines[last][end:] if last < len(self._lines) else ""
        # A line end can come to stand beside what was edited: \r and \n become one, or one becomes two.
        low = max(0, first - 1)
        kept = self._lines[low] if low < first else ""
        if first == last < len(self._lines) and _is_plain(kept, before, change.text, after):
            self._lines[first] = before + change.text + after
        else:
            self._lines[low : last + 1] = split_lines(kept + before + change.text + after)


def _is_plain(kept: str, before: str, text: str, after: str) -> bool:
    """Say whether a line stays one line, and each character in it one: a line of 10 MB need not be read."""
    seam = before[-1:] + text + after[:1]
    if "\n" in text or "\r" in text or joined(seam) != seam:
        return False
    # A text that is empty has no line, and an end alone may belong to the line before.
    return bool(before or text) or (bool(after) and not (kept.endswith("\r") and after.startswith("\n")))


def split_lines(text: str) -> list[str]:
    r"""Return lines with their ends; only \n, \r\n and \r end a line, unlike for `str.splitlines`."""
    text = joined(text)
    # Ten times as fast as any other way, which counts for a text of 10 MB: the event loop waits for it.
    lines = text.splitlines(keepends=True)
    if len(lines) == _ends(text) + bool(text and text[-1] not in "\r\n"):
        return lines
    return io.StringIO(text, newline="").readlines()


def _ends(text: str) -> int:
    wide = text.count("\r")
    return text.count("\n") + (wide - text.count("\r\n") if wide else 0)


def joined(text: str) -> str:
    """Return a text in which two halves of a character that came to stand together are one."""
    if text.isascii():
        return text
    try:
        # Only this knows at once that there is none.
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return text


def feed_of(text: str) -> str | None:
    r"""Return which of \n and \r\n a text has; empty for both, None for neither."""
    wide, feeds = text.count("\r\n"), text.count("\n")
    if not feeds:
        return None
    return "" if 0 < wide < feeds else "\r\n" if wide else "\n"


def body(line: str) -> str:
    """Return a line without its end."""
    return line.rstrip("\r\n")


def units(text: str, encoding: Encoding) -> int:
    """Return how long a text is in units of an encoding; a lone surrogate counts as one character."""
    if text.isascii() or encoding is Encoding.UTF32:
        return len(text)
    if encoding is Encoding.UTF16:
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def index_in(text: str, character: int, encoding: Encoding) -> int:
    """Return the index of an offset, the end when it is larger; raises InvalidEdit inside a character."""
    if text.isascii() or encoding is Encoding.UTF32:
        return min(character, len(text))
    codec, width = ("utf-16-le", 2) if encoding is Encoding.UTF16 else ("utf-8", 1)
    # So many characters have at least so many units: what comes after them need not be looked at.
    encoded = text[: character + 1].encode(codec, "surrogatepass")
    if character * width >= len(encoded):
        return len(text)
    try:
        index = len(encoded[: character * width].decode(codec, "surrogatepass"))
    except UnicodeDecodeError:
        index = -1
    if index < 0 or units(text[:index], encoding) != character:
        raise InvalidEdit(f"offset {character} lies inside a character")
    return index
