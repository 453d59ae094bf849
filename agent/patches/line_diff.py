"""Which lines two texts have in common."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Common(NamedTuple):
    """A run of equal lines: where it starts in the first and in the second text."""

    first: int
    second: int
    length: int


def common_runs(first: Sequence[T], second: Sequence[T]) -> list[Common]:
    """Return the equal runs in order, which both texts have in the same order."""
    head = _shared(first, second)
    tail = _shared(first[head:][::-1], second[head:][::-1])
    runs = [Common(0, 0, head)] if head else []
    middle = SequenceMatcher(None, first[head : len(first) - tail], second[head : len(second) - tail])
    runs += [Common(head + a, head + b, n) for a, b, n in middle.get_matching_blocks() if n]
    if tail:
        runs.append(Common(len(first) - tail, len(second) - tail, tail))
    return runs


def _shared(first: Sequence[T], second: Sequence[T]) -> int:
    for number, (left, right) in enumerate(zip(first, second, strict=False)):
        if left != right:
            return number
    return min(len(first), len(second))
