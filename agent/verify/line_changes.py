"""Two versions of a file, line by line."""

import difflib


def first_change(old: bytes, new: bytes) -> int:
    """Return the first line of the new version that is not as before, from 1."""
    before, after = old.splitlines(), new.splitlines()
    same = next(
        (place for place, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None
    )
    return (min(len(before), len(after)) if same is None else same) + 1


def changed_lines(old: bytes, new: bytes) -> frozenset[int]:
    """Return the lines of the new version that are added or changed, from 1."""
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    return frozenset(
        line + 1
        for tag, _, _, first, last in matcher.get_opcodes()
        if tag in ("insert", "replace")
        for line in range(first, last)
    )


def loses_lines(old: bytes, new: bytes) -> bool:
    """Say whether the new version has not every line of the old one, in their order."""
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    return any(tag in ("delete", "replace") for tag, *_ in matcher.get_opcodes())
