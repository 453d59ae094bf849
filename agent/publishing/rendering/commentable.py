"""Which lines of a pull request can be commented on: those that its diff shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.patches.hunks import Change, Hunk
from agent.patches.parsing.git_diff import parse_git_diff


class Side(StrEnum):
    """The two columns of a diff, as GitHub names them."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


@dataclass(frozen=True, slots=True)
class Commentable:
    """The shown lines of a diff; a comment on several lines has to lie within one hunk."""

    spans: Mapping[tuple[str, Side], tuple[range, ...]]

    def side(self, path: str, first: int, last: int | None = None) -> Side | None:
        """Return the side that shows all of some lines, None when neither does."""
        wanted = (first, first if last is None else last)
        for side in (Side.RIGHT, Side.LEFT):
            if any(wanted[0] in span and wanted[1] in span for span in self.spans.get((path, side), ())):
                return side
        return None


def commentable(diff: str) -> Commentable:
    """Return the lines that a git diff shows; raises PatchRefused when it is none."""
    spans: dict[tuple[str, Side], tuple[range, ...]] = {}
    for file in parse_git_diff(diff):
        side = Side.LEFT if file.change is Change.REMOVED else Side.RIGHT
        found = tuple(span for hunk in file.hunks if (span := _span(hunk, side)))
        spans[file.path, side] = spans.get((file.path, side), ()) + found
    return Commentable(spans)


def _span(hunk: Hunk, side: Side) -> range:
    if side is Side.LEFT:
        return range(hunk.old_start, hunk.old_start + hunk.old_count)
    return range(hunk.new_start, hunk.new_start + hunk.new_count)
