"""What changed within a line: words, not letters, and nothing where the lines have little in common."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Span = tuple[int, int]
_WORD = re.compile(r"\w+|[^\w\s]")
_MOST_WORDS = 150
"""The time grows with the cube of it, and a screen is full of lines."""
_ALIKE = 0.5


def changed_words(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Return where the old line has what it lost, and the new one what it gained, as ranges of characters.

    Blanks do not count.
    """
    before, after = list(_WORD.finditer(old)), list(_WORD.finditer(new))
    if max(len(before), len(after)) > _MOST_WORDS:
        return [], []
    matcher = SequenceMatcher(None, [one[0] for one in before], [one[0] for one in after], autojunk=False)
    codes = matcher.get_opcodes()
    same = sum(_length(before[first:end]) for kind, first, end, _, _ in codes if kind == "equal")
    if 2 * same < _ALIKE * (_length(before) + _length(after)):
        return [], []
    changes = [code[1:] for code in codes if code[0] != "equal"]
    return (
        list(_spans(before, [(first, end) for first, end, _, _ in changes])),
        list(_spans(after, [(first, end) for _, _, first, end in changes])),
    )


def _length(words: Sequence[re.Match[str]]) -> int:
    return sum(one.end() - one.start() for one in words)


def _spans(words: Sequence[re.Match[str]], ranges: Sequence[Span]) -> Iterator[Span]:
    yield from ((words[first].start(), words[end - 1].end()) for first, end in ranges if first < end)
