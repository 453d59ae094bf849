"""Unified diffs, also with wrong line numbers and counts: the lines themselves are the anchor."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.patches.block import Block, marked_block
from agent.patches.intent import CreateFile, DeleteFile, Intent, MoveFile, ReplaceText, Where
from agent.patches.parsing.diff_paths import DEV_NULL, git_paths, header_paths
from agent.patches.parsing.fences import fence_of
from agent.patches.parsing.hunk import Hunk
from agent.patches.parsing.malformed import malformed

_HUNK = re.compile(r"^@@(?: -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@)?")
_HINT = "in a hunk each line starts with a space, + or -, and each file with --- and +++"
_META = ("index ", "similarity index ", "dissimilarity index ", "copy ", "Index: ", "=====")


def parse_unified_diff(text: str) -> tuple[Intent, ...]:
    """Return what a diff asks for; raises PatchRefused. Prose around it and fences are left out."""
    return _Reader(text.split("\n")).read()


@dataclass(slots=True)
class _File:
    """What the headers of one file said."""

    old: str = ""
    new: str = ""
    renamed: bool = False
    executable: bool = False
    created: bool = False
    deleted: bool = False
    hunks: list[tuple[int, Hunk]] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """The diff as far as it was read."""

    lines: Sequence[str]
    number: int = 0
    file: _File | None = None
    found: list[Intent] = field(default_factory=list)

    def read(self) -> tuple[Intent, ...]:
        """Read to the end."""
        while self.number < len(self.lines):
            line = self.lines[self.number].rstrip()
            if line.startswith("diff --git "):
                self._start(_File(*git_paths(line)))
                self.number += 1
            elif self._at_header():
                self._take_header()
            elif self.file is not None:
                self._take_in_file(self.file, line)
            elif line.startswith("@@"):
                raise malformed(f"no file is named before the hunk of line {self.number + 1}", _HINT)
            else:
                self.number += 1
        self._start(None)
        return tuple(self.found)

    def _start(self, file: _File | None) -> None:
        if self.file is not None:
            self.found += _intents(self.file)
        self.file = file

    def _at_header(self) -> bool:
        rest = self.lines[self.number : self.number + 2]
        return len(rest) == 2 and rest[0].startswith("--- ") and rest[1].startswith("+++ ")

    def _take_header(self) -> None:
        old, new = header_paths(self.lines[self.number], self.lines[self.number + 1])
        if self.file is None or self.file.hunks or not self._is_under_git_header(old, new):
            self._start(_File())
        assert self.file is not None
        self.file.old, self.file.new = old, new
        self.number += 2

    def _is_under_git_header(self, old: str, new: str) -> bool:
        file = self.file
        return file is not None and old in (file.old, DEV_NULL) and new in (file.new, DEV_NULL)

    def _take_in_file(self, file: _File, line: str) -> None:
        if line.startswith("@@"):
            self._take_hunk(file)
        elif fence_of(line) or line == "--":
            self._start(None)
            self.number += 1
        elif _take_meta(file, line) or not line:
            self.number += 1
        else:
            raise malformed(f"line {self.number + 1} does not belong here: `{line[:80]}`", _HINT)

    def _take_hunk(self, file: _File) -> None:
        said = _HUNK.match(self.lines[self.number])
        assert said is not None
        self.number += 1
        line = int(said[1]) if said[1] else 0
        wanted = (int(said[2] or 1), int(said[4] or 1)) if said[1] else (-1, -1)
        hunk, after = self._counted(wanted)
        if hunk is None:
            hunk, after = self._uncounted()
        self.number = after
        if hunk.changes:
            file.hunks.append((line, hunk))

    def _counted(self, wanted: tuple[int, int]) -> tuple[Hunk | None, int]:
        """Read as many lines as the header says; None when what follows shows that it is wrong."""
        hunk, number, old, new = Hunk(), self.number, 0, 0
        while old < wanted[0] or new < wanted[1]:
            if number >= len(self.lines) or not hunk.take(self.lines[number]):
                return None, number
            sign = self.lines[number][:1]
            # A marker counts for nothing; a line without a sign is a kept blank one.
            old += sign not in ("+", "\\")
            new += sign not in ("-", "\\")
            number += 1
        if (old, new) != wanted:
            return None, number
        while number < len(self.lines) and self.lines[number].startswith("\\"):
            hunk.take(self.lines[number])
            number += 1
        return (hunk, number) if self._ends_hunk(number) else (None, number)

    def _ends_hunk(self, number: int) -> bool:
        if number >= len(self.lines):
            return True
        line = self.lines[number]
        if not line.strip() or line.rstrip() == "--" or line.startswith(("@@", "diff ")) or fence_of(line):
            return True
        return line.startswith("--- ") and "".join(self.lines[number + 1 : number + 2]).startswith("+++ ")

    def _uncounted(self) -> tuple[Hunk, int]:
        hunk, number = Hunk(), self.number
        while number < len(self.lines):
            line = self.lines[number]
            following = "".join(self.lines[number + 1 : number + 2])
            if line.startswith("--- ") and following.startswith("+++ "):
                break
            if not hunk.take(line):
                break
            number += 1
        hunk.drop_trailing_blanks()
        return hunk, number


def _take_meta(file: _File, line: str) -> bool:
    if line.startswith("rename "):
        file.renamed = True
    elif line.startswith("new file mode"):
        file.created, file.executable = True, line.endswith("755")
    elif line.startswith("deleted file mode"):
        file.deleted = True
    elif line.startswith(("old mode", "new mode")):
        raise malformed("a diff cannot change the mode of a file here", "leave the mode as it is")
    elif line.startswith(("GIT binary patch", "Binary files ")):
        raise malformed("a binary diff cannot be read", "leave binary files alone")
    else:
        return line.startswith(_META)
    return True


def _intents(file: _File) -> list[Intent]:
    path = file.old if file.new == DEV_NULL else file.new
    if not path or path == DEV_NULL:
        raise malformed("a part of the diff names no file", _HINT)
    if any(hunk.counts()[0] for _, hunk in file.hunks) and file.old == DEV_NULL:
        # A model that calls a file new and yet removes lines from it means one that is there.
        file.old = path
    elif file.old == DEV_NULL or file.created:
        return [CreateFile(path, _whole_side(file, new=True), file.executable)]
    if file.new == DEV_NULL or file.deleted:
        return [DeleteFile(file.old, _whole_side(file, new=False))]
    moved: list[Intent] = [MoveFile(file.old, path)] if file.old != path else []
    edits: list[Intent] = [_replacement(file.old, line, hunk) for line, hunk in file.hunks]
    return edits + moved


def _replacement(path: str, line: int, hunk: Hunk) -> ReplaceText:
    old, new = hunk.sides()
    where = Where(line=line, ordered=True)
    return ReplaceText(path, marked_block(old, hunk.old_bare), marked_block(new, hunk.new_bare), where)


def _whole_side(file: _File, new: bool) -> Block:
    if len(file.hunks) > 1:
        raise malformed(f"{file.new if new else file.old} is made or removed in several hunks", _HINT)
    if not file.hunks:
        return Block()
    hunk = file.hunks[0][1]
    lines = hunk.sides()[1 if new else 0]
    return marked_block(lines, hunk.new_bare if new else hunk.old_bare)
