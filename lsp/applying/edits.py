"""Edits of whole lines in the positions of LSP, out of hunks that count line feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from agent.patches.merge import Span
from lsp.text.document import Encoding, Place, body, split_lines, units


@dataclass(frozen=True, slots=True)
class TextChange:
    """What comes in the place of a range; all ranges mean the text before the first of them."""

    start: Place
    end: Place
    text: str


class Places:
    """Where the lines of a text begin: a lone carriage return ends a line for LSP, not for a merge."""

    def __init__(self, lines: Sequence[str], encoding: Encoding) -> None:
        self._begins = [0, *accumulate(len(split_lines(line)) for line in lines)]
        last = split_lines(lines[-1])[-1] if lines else ""
        self._end = Place(self._begins[-1], 0)
        if last and not last.endswith(("\n", "\r")):
            self._end = Place(self._begins[-1] - 1, units(body(last), encoding))

    def start(self, line: int) -> Place:
        """Return where a line begins; the one behind the last is the end of the text."""
        return Place(self._begins[line], 0) if line < len(self._begins) - 1 else self._end


def changes_between(
    old: Sequence[str], replaced: Sequence[tuple[Span, Sequence[str]]], encoding: Encoding
) -> tuple[TextChange, ...]:
    """Return the edits that put other lines where spans of the old ones are; equal lines are left out."""
    places = Places(old, encoding)
    found = []
    for span, new in replaced:
        start, end, fresh = _trimmed(old, span, new)
        if start < end or fresh:
            found.append(TextChange(places.start(start), places.start(end), "".join(fresh)))
    return tuple(found)


def _trimmed(old: Sequence[str], span: Span, new: Sequence[str]) -> tuple[int, int, Sequence[str]]:
    start, end, first, last = span.start, span.end, 0, len(new)
    while start < end and first < last and old[start] == new[first]:
        start, first = start + 1, first + 1
    while start < end and first < last and old[end - 1] == new[last - 1]:
        end, last = end - 1, last - 1
    return start, end, new[first:last]
