"""V4A patches: `*** Begin Patch`, then files to update, add, delete or move, anchored by context."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.patches.block import block_of, marked_block
from agent.patches.intent import CreateFile, DeleteFile, Intent, MoveFile, ReplaceText, Where
from agent.patches.parsing.hunk import Hunk
from agent.patches.parsing.malformed import malformed
from agent.patches.parsing.named import plain_path

_ACTION = re.compile(r"^\*\*\* (Update|Add|Delete) File: (.+)$")
_MOVE = re.compile(r"^\*\*\* Move to: (.+)$")
_BEGIN, _END, _EOF = "*** Begin Patch", "*** End Patch", "*** End of File"
_HINT = "in an update each line starts with a space, + or -; in an added file with +"


def parse_v4a(text: str) -> tuple[Intent, ...]:
    """Return what a patch asks for; raises PatchRefused. Text around the patch is left out."""
    lines = text.split("\n")
    begin, end = _borders(lines)
    reader = _Reader()
    for number in range(begin, end):
        reader.take(lines[number], number + 1)
    return reader.finished()


def _borders(lines: Sequence[str]) -> tuple[int, int]:
    """Return where the files of the patch begin and end; a patch may lack both of its markers."""
    begins = [n for n, line in enumerate(lines) if line.strip() == _BEGIN]
    start = begins[0] + 1 if begins else 0
    rest = range(start, len(lines))
    # With a space in front it may be a line of the file, and is the end only where there is no other.
    ends = [n for n in rest if lines[n].rstrip() == _END] or [n for n in rest if lines[n].strip() == _END][
        -1:
    ]
    if begins and not ends:
        raise malformed("there is no `*** End Patch`", "write the patch to its end")
    end = ends[0] if ends else len(lines)
    if any(_ACTION.match(line) for line in lines[end + 1 :]):
        raise malformed("a file follows `*** End Patch`", "put all files into one patch")
    first = next((n for n in range(start, end) if _ACTION.match(lines[n].strip())), end)
    return (start if begins else first), end


@dataclass(slots=True)
class _Reader:
    """The patch as far as it was read."""

    found: list[Intent] = field(default_factory=list)
    action: str = ""
    path: str = ""
    to: str = ""
    added: list[str] = field(default_factory=list)
    hunk: Hunk = field(default_factory=Hunk)
    headings: list[str] = field(default_factory=list)
    hunks: int = 0

    def take(self, line: str, number: int) -> None:
        """Read one line."""
        plain = line.strip()
        in_hunk = bool(self.hunk.lines) and line.startswith(" ")
        if (action := _ACTION.match(plain)) and not in_hunk:
            self._finish_file()
            self.action, self.path, self.to = action[1], plain_path(action[2]), ""
            self.hunks = 0
        elif self.action == "Update":
            self._take_update(line, plain, number)
        elif self.action == "Add" and line.startswith("+"):
            self.added.append(line[1:])
        elif plain and not (self.action == "Add" and plain == _EOF):
            raise malformed(f"line {number} does not belong here: `{plain[:80]}`", _HINT)

    def finished(self) -> tuple[Intent, ...]:
        """Return everything that was read."""
        self._finish_file()
        return tuple(self.found)

    def _take_update(self, line: str, plain: str, number: int) -> None:
        if (move := _MOVE.match(plain)) and not self.hunks and not self.hunk.lines:
            self.to = plain_path(move[1])
        elif plain == _EOF and not line.startswith((" ", "+", "-")):
            self._finish_hunk(at_end=True)
        elif line.startswith("@@") or ((plain == "@@" or plain.startswith("@@ ")) and not self.hunk.lines):
            if self.hunk.lines:
                self._finish_hunk()
            if heading := plain.removeprefix("@@").removesuffix("@@").strip():
                self.headings.append(heading)
        elif not self.hunk.take(line):
            raise malformed(f"line {number} does not belong here: `{plain[:80]}`", _HINT)

    def _finish_hunk(self, at_end: bool = False) -> None:
        if not self.hunk.changes and self.headings and not self.hunk.lines and not at_end:
            raise malformed(f"the last part of {self.path} changes nothing", _HINT)
        self.hunk.drop_trailing_blanks()
        old, new = self.hunk.sides()
        search = marked_block(old, self.hunk.old_bare)
        replace = marked_block(new, self.hunk.new_bare)
        # A part that only adds lines, under no heading, adds them at the end.
        where = Where(inside=tuple(self.headings), at_end=at_end or not old, ordered=True)
        if self.hunk.changes:
            self.found.append(ReplaceText(self.path, search, replace, where))
        self.hunks += 1
        self.hunk, self.headings = Hunk(), []

    def _finish_file(self) -> None:
        if self.action == "Add":
            self.found.append(CreateFile(self.path, block_of(self.added)))
        elif self.action == "Delete":
            self.found.append(DeleteFile(self.path))
        elif self.action == "Update":
            if self.hunk.lines or self.headings:
                self._finish_hunk()
            if not self.hunks and not self.to:
                raise malformed(f"the update of {self.path} is empty", _HINT)
            if self.to and self.to != self.path:
                self.found.append(MoveFile(self.path, self.to))
        self.action, self.added = "", []
