"""A proven patch as suggestions that a click applies: ranges of lines, and what stands there instead."""

from collections.abc import Iterator
from itertools import groupby, pairwise

from agent.patches.hunks import Change, FileDiff, Hunk, Line
from agent.patches.parsing.git_diff import parse_git_diff
from agent.protocol.value import Value
from agent.publishing.rendering.commentable import Commentable, Side
from agent.publishing.rendering.pen import Pen
from agent.untrusted.fences import fenced, is_kept

_LONGEST = 20_000


class Suggestion(Value):
    """Lines `first` to `last` of a file, counted from 1, and the lines that replace them."""

    path: str
    first: int
    last: int
    lines: tuple[str, ...]

    def block(self) -> str:
        """Return the block that the forge offers to apply; without lines it removes."""
        # An empty line is not the same as no line, so the newline of the last line is written, too.
        return fenced("".join(f"{line}\n" for line in self.lines) or "", "suggestion")


def suggestions(patch: str, shown: Commentable, pen: Pen) -> tuple[Suggestion, ...]:
    """Return a patch on the head of a pull request as suggestions, none when one of its places cannot be one.

    It cannot where a file comes, goes or moves, where the diff of the pull request does not show all
    lines, at the end of a file without a newline, and where what is hidden or secret had to be cut.
    A part of a proven patch is not proven. Raises PatchRefused.
    """
    found: list[Suggestion] = []
    for file in parse_git_diff(patch):
        parts = _parts(file)
        if parts is None or not all(_fits(one, shown, pen) for one in parts):
            return ()
        found += parts
    return () if _overlap(found) else tuple(found)


def _overlap(found: list[Suggestion]) -> bool:
    return any(a.path == b.path and b.first <= a.last for a, b in pairwise(found))


def _fits(one: Suggestion, shown: Commentable, pen: Pen) -> bool:
    text = "\n".join(one.lines)
    known = pen.keeps(text) and pen.keeps(one.path)
    exact = "\r" not in text and len(text) <= _LONGEST and is_kept(text)
    return known and exact and shown.side(one.path, one.first, one.last) is Side.RIGHT


def _parts(file: FileDiff) -> list[Suggestion] | None:
    if file.change is not Change.EDITED or file.binary or file.modes or not file.hunks:
        return None
    if any(line.bare for hunk in file.hunks for line in hunk.lines):
        return None
    found = [one for hunk in file.hunks for one in _of_hunk(file.path, hunk)]
    return None if None in found else [one for one in found if one is not None]


def _of_hunk(path: str, hunk: Hunk) -> Iterator[Suggestion | None]:
    """Yield a suggestion for each run of changed lines; None where there is no line to hold on to."""
    number = hunk.old_start + (hunk.old_count == 0)
    runs = [[*group] for _, group in groupby(hunk.lines, lambda line: line.sign == " ")]
    for before, run, after in zip([[], *runs], runs, [*runs[1:], []], strict=False):
        if run[0].sign != " ":
            yield _replaced(path, number, run, (before[-1:], after[:1]))
        number += sum(line.sign != "+" for line in run)


def _replaced(
    path: str, number: int, run: list[Line], around: tuple[list[Line], list[Line]]
) -> Suggestion | None:
    old = sum(line.sign == "-" for line in run)
    new = tuple(line.text for line in run if line.sign == "+")
    if old:
        return Suggestion(path=path, first=number, last=number + old - 1, lines=new)
    # Nothing is replaced: a line beside it is said again, with the new ones.
    for line in around[0]:
        return Suggestion(path=path, first=number - 1, last=number - 1, lines=(line.text, *new))
    for line in around[1]:
        return Suggestion(path=path, first=number, last=number, lines=(*new, line.text))
    return None
