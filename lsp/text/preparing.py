"""Texts cut into lines before the event loop gets them: those of a document of 10 MB take it too long."""

from dataclasses import dataclass

from lsp.text.document import feed_of, joined, split_lines

_PIECE = 1 << 18
"""Characters that are cut at a time: no other thread runs meanwhile."""
_MOST = 100
"""Texts that wait; one that nobody took was refused."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A text, its lines, and its line feed as `feed_of` has it."""

    text: str
    lines: list[str]
    feed: str | None


class Preparations:
    """What was prepared in one thread for another; whoever takes it is the only one who has it."""

    def __init__(self) -> None:
        self._waiting: dict[int, Prepared] = {}

    def prepare(self, text: str) -> None:
        """Cut a text, which is taken as this very object."""
        while len(self._waiting) >= _MOST:
            self._waiting.pop(next(iter(self._waiting)), None)
        self._waiting[id(text)] = prepared(text)

    def take(self, text: str) -> Prepared:
        """Return a text as it was prepared, or prepare it now."""
        found = self._waiting.pop(id(text), None)
        return found if found is not None and found.text is text else prepared(text)


def prepared(text: str) -> Prepared:
    """Return a text cut into lines."""
    whole, lines, begin = joined(text), [], 0
    while begin < len(whole):
        # Whatever ends a line, this does; only the first of \r\n must not.
        end = whole.find("\n", begin + _PIECE) + 1 or len(whole)
        lines += split_lines(whole[begin:end])
        begin = end
    return Prepared(text, lines, feed_of(whole))
