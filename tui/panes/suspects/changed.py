"""What a proposal does to the lines that are under suspicion."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agent.patches.hunks import Hunk
from agent.patches.parsing.git_diff import parse_git_diff
from agent.protocol.errors import PatchRefused


@dataclass(frozen=True, slots=True)
class Changed:
    """What a diff says about a file as it was before; lines count from 1."""

    lines: frozenset[int] = frozenset()
    """Those that are replaced or taken away, and those behind which something is put."""
    texts: Mapping[int, str] = field(default_factory=dict)
    """All that the diff shows."""


def changed(diff: str) -> dict[str, Changed]:
    """Return what a git diff says, by the path before it; nothing where it cannot be read."""
    try:
        files = parse_git_diff(diff)
    except PatchRefused:
        return {}
    found = {}
    for file in files:
        told = [one for hunk in file.hunks for one in _told(hunk)]
        texts = {number: text for number, text, _ in told if text is not None}
        found[file.old_path] = Changed(frozenset(number for number, _, touched in told if touched), texts)
    return found


def _told(hunk: Hunk) -> Iterator[tuple[int, str | None, bool]]:
    """Yield lines by number with their text, None where it is told elsewhere, and whether they change."""
    number = hunk.old_start if hunk.old_count else hunk.old_start + 1
    removed = False
    for line in hunk.lines:
        if line.sign == "+":
            if not removed:
                yield max(1, number - 1), None, True
            continue
        removed = line.sign == "-"
        yield number, line.text, removed
        number += 1
