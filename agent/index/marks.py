"""One occurrence of a word in a blob, as an integer: the blob's number, how often, and what else is known."""

CALLED = 1
IMPORTED = 2
"""Imported under another name, or as a whole module."""
MOST = 63
"""Counts above are not told apart."""
COUNT_SHIFT = 2
NUMBER_SHIFT = 8
"""24 bits are left for the number of a blob."""


def mark(number: int, count: int) -> int:
    """Return the integer for a blob and a count."""
    return number << NUMBER_SHIFT | min(count, MOST) << COUNT_SHIFT


def blob_of(one: int) -> int:
    """Return the number of the blob."""
    return one >> NUMBER_SHIFT


def count_of(one: int) -> int:
    """Return how often, at most MOST."""
    return one >> COUNT_SHIFT & MOST
