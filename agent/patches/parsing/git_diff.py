"""Diffs that git made, to the letter: what was read can be written again without a change of a byte."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.patches.hunks import Change, FileDiff, Hunk, Line
from agent.patches.parsing.diff_paths import DEV_NULL, diff_path, git_paths
from agent.patches.parsing.hunk import MARKER
from agent.patches.parsing.malformed import malformed

_GIT = "diff --git "
_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_HINT = "it has to be a diff as `git diff` makes it"
_BINARY = ("GIT binary patch", "Binary files ")
_WORDS = {
    "new file mode ": Change.ADDED,
    "deleted file mode ": Change.REMOVED,
    "rename from ": Change.RENAMED,
    "copy from ": Change.COPIED,
}


def parse_git_diff(diff: str) -> tuple[FileDiff, ...]:
    """Return the files of a diff, whose texts together are the diff; raises PatchRefused."""
    # Nothing but a newline ends a line: a form feed may well be in one.
    lines = re.findall(r"[^\n]*\n|[^\n]+", diff)
    found, number = [], 0
    while number < len(lines):
        file, number = _file(lines, number)
        found.append(file)
    return tuple(found)


@dataclass(slots=True)
class _Head:
    """What the lines before the first hunk said."""

    change: Change = Change.EDITED
    old: str = ""
    new: str = ""
    binary: bool = False
    modes: list[str] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Take in a line."""
        for word, change in _WORDS.items():
            if line.startswith(word):
                self.change = change
        if line.startswith(_BINARY):
            self.binary = True
        elif line.startswith(("old mode ", "new mode ")):
            self.modes.append(line[9:].rstrip())
        elif line.startswith(("rename from ", "copy from ")):
            self.old = _named(line.split(" from ", 1)[1])
        elif line.startswith(("rename to ", "copy to ")):
            self.new = _named(line.split(" to ", 1)[1])
        elif line.startswith(_GIT):
            self.old, self.new = _both(line)
        elif line.startswith("--- "):
            self._take_side("old", Change.ADDED, line[4:])
        elif line.startswith("+++ "):
            self._take_side("new", Change.REMOVED, line[4:])

    def _take_side(self, side: str, absent: Change, written: str) -> None:
        path, prefix = _named(written), "a/" if side == "old" else "b/"
        if path == DEV_NULL:
            self.change = absent
        elif self.change not in (Change.RENAMED, Change.COPIED):
            setattr(self, side, path.removeprefix(prefix))


def _file(lines: Sequence[str], start: int) -> tuple[FileDiff, int]:
    if not _begins(lines, start):
        raise malformed(f"line {start + 1} belongs to no file: `{lines[start][:80].rstrip()}`", _HINT)
    head, number = _head(lines, start)
    text = "".join(lines[start:number])
    hunks = []
    while number < len(lines) and (said := _HUNK.match(lines[number])):
        hunk, number = _hunk(said, lines, number)
        hunks.append(hunk)
    old, new = (head.old or head.new, head.new or head.old)
    modes = (head.modes[0], head.modes[1]) if len(head.modes) == 2 else None
    return FileDiff(head.change, old, new, text, tuple(hunks), head.binary, modes), number


def _begins(lines: Sequence[str], number: int) -> bool:
    """Say whether a file begins here; a diff that was not made by git has no line of its own for that."""
    following = "".join(lines[number + 1 : number + 2])
    return lines[number].startswith(_GIT) or (
        lines[number].startswith("--- ") and following.startswith("+++ ")
    )


def _head(lines: Sequence[str], start: int) -> tuple[_Head, int]:
    head, number = _Head(), start
    last = len(lines) if lines[start].startswith(_GIT) else start + 2
    while number < last and not _HUNK.match(lines[number]):
        if number > start and lines[number].startswith(_GIT):
            break
        head.take(lines[number])
        number += 1
    return head, number


def _hunk(said: re.Match[str], lines: Sequence[str], start: int) -> tuple[Hunk, int]:
    """Read as many lines as the header says: what they begin with may look like anything."""
    old, new = int(said[2] or 1), int(said[4] or 1)
    taken: list[Line] = []
    number, left = start + 1, [old, new]
    while number < len(lines) and (any(left) or lines[number].startswith(MARKER)):
        _take(taken, lines[number], left)
        number += 1
    if any(left):
        raise malformed(f"the hunk of line {start + 1} has other lines than it says", _HINT)
    body = "".join(lines[start + 1 : number])
    return Hunk(int(said[1]), old, int(said[3]), new, lines[start], body, tuple(taken)), number


def _take(taken: list[Line], line: str, left: list[int]) -> None:
    """Add a line, and count down what is left of the old and of the new ones."""
    sign, text = line[:1], line[1:].removesuffix("\n")
    if sign == MARKER and taken:
        taken[-1] = taken[-1]._replace(bare=True)
        return
    if sign == "\n":
        sign = " "
    left[0] -= sign != "+"
    left[1] -= sign != "-"
    if sign not in " +-" or min(left) < 0:
        raise malformed(f"this is no line of its hunk: `{line[:80].rstrip()}`", _HINT)
    taken.append(Line(sign, text))


def _named(written: str) -> str:
    """Return a path as git wrote it; one with blanks has a tab behind it."""
    written = written.removesuffix("\n").removesuffix("\t")
    return diff_path(written) if written.startswith('"') else written.split("\t", 1)[0]


def _both(line: str) -> tuple[str, str]:
    """Return the paths of a `diff --git` line, which are the same wherever no other line names them."""
    rest = line.removesuffix("\n").removeprefix(_GIT)
    if rest.startswith('"'):
        return git_paths(line.rstrip())
    name = rest[2 : 2 + (len(rest) - 5) // 2]
    return name, name
