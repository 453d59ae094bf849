"""Three-way merge of lines: each side's changes together, or conflicts as data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.patches.line_diff import Common, common_runs


@dataclass(frozen=True, slots=True)
class Span:
    """Lines `start:end`, counted from 0."""

    start: int
    end: int

    def of(self, lines: Sequence[bytes]) -> tuple[bytes, ...]:
        """Return the lines of the span."""
        return tuple(lines[self.start : self.end])


@dataclass(frozen=True, slots=True)
class Hunk:
    """A place that at least one side changed: where it is in each text, and what comes there.

    `merged` is None for a conflict: both sides changed the place, and not alike.
    """

    base: Span
    ours: Span
    theirs: Span
    merged: tuple[bytes, ...] | None


@dataclass(frozen=True, slots=True)
class Merge:
    """The hunks in order; `content` is None when there is a conflict."""

    hunks: tuple[Hunk, ...]
    content: bytes | None

    @property
    def conflicts(self) -> tuple[Hunk, ...]:
        """Return the hunks that need a decision."""
        return tuple(hunk for hunk in self.hunks if hunk.merged is None)


def merge(base: bytes, ours: bytes, theirs: bytes) -> Merge:
    """Bring the change from base to theirs onto ours, by whole lines with their ends.

    Changes that touch without an unchanged line between them are one hunk, as in diff3 (Khanna,
    Kunal and Pierce, "A Formal Investigation of Diff3", 2007), and equal changes are one change.
    """
    lines, mine, new = (split_lines(text) for text in (base, ours, theirs))
    hunks = tuple(_hunks(lines, mine, new))
    merged: list[bytes] = []
    position = 0
    for hunk in hunks:
        if hunk.merged is None:
            return Merge(hunks, None)
        merged += [*lines[position : hunk.base.start], *hunk.merged]
        position = hunk.base.end
    return Merge(hunks, b"".join([*merged, *lines[position:]]))


def split_lines(text: bytes) -> list[bytes]:
    """Return the lines with their line feeds; only the last may lack one."""
    parts = text.split(b"\n")
    return [part + b"\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _hunks(base: list[bytes], ours: list[bytes], theirs: list[bytes]) -> Iterator[Hunk]:
    b = o = t = 0
    for stable in [*_stable(base, ours, theirs), (len(base), len(ours), len(theirs), 0)]:
        spans = Span(b, stable[0]), Span(o, stable[1]), Span(t, stable[2])
        if any(span.start < span.end for span in spans):
            hunk = Hunk(*spans, _merged(*(s.of(x) for s, x in zip(spans, (base, ours, theirs), strict=True))))
            if hunk.merged != spans[0].of(base):
                yield hunk
        b, o, t = (place + stable[3] for place in stable[:3])


def _merged(
    base: tuple[bytes, ...], ours: tuple[bytes, ...], theirs: tuple[bytes, ...]
) -> tuple[bytes, ...] | None:
    if ours in (theirs, base):
        return theirs
    return ours if theirs == base else None


def _stable(base: list[bytes], ours: list[bytes], theirs: list[bytes]) -> Iterator[tuple[int, int, int, int]]:
    """Yield the runs that all three have: their starts and their length."""
    mine, new = common_runs(base, ours), common_runs(base, theirs)
    i = j = 0
    while i < len(mine) and j < len(new):
        start = max(mine[i].first, new[j].first)
        end = min(_end(mine[i]), _end(new[j]))
        if start < end:
            yield (
                start,
                mine[i].second + start - mine[i].first,
                new[j].second + start - new[j].first,
                end - start,
            )
        if _end(mine[i]) <= _end(new[j]):
            i += 1
        else:
            j += 1


def _end(run: Common) -> int:
    return run.first + run.length
