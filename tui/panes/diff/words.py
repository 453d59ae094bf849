"""What changed within a line: words, not letters, and nothing where the lines have little in common."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Span = tuple[int, int]
_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_WORDS = 400
_ALIKE = 0.5


def changed_words(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Return where the old line has what it lost, and the new one what it gained, as ranges of characters."""
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > _MOST_WORDS:
        return [], []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    same = sum(
        len("".join(before[block.a : block.a + block.size])) for block in matcher.get_matching_blocks()
    )
    # Blanks at the beginning are no likeness.
    indent = min(len(old) - len(old.lstrip()), len(new) - len(new.lstrip()))
    if 2 * (same - indent) < _ALIKE * (len(old) + len(new) - 2 * indent):
        return [], []
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    return (
        list(_spans(before, [(first, end) for _, first, end, _, _ in changes])),
        list(_spans(after, [(first, end) for _, _, _, first, end in changes])),
    )


def _spans(words: Sequence[str], ranges: Sequence[Span]) -> Iterator[Span]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    yield from ((starts[first], starts[end]) for first, end in ranges if first < end)
