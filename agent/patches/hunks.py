"""A git diff as files and hunks to choose from, and the diff of what was chosen."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

HEAD = -1
"""Stands for what the head of a file says: its name, its mode, or all of it where it cannot be divided."""
_SIDES = ("--- ", "+++ ")


class Part(NamedTuple):
    """What can be chosen: a hunk of a file, or its head; both by their number from 0."""

    file: int
    hunk: int


class Change(StrEnum):
    """What happens to a file."""

    EDITED = "edited"
    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    COPIED = "copied"


class Line(NamedTuple):
    """A line of a hunk without its sign and its newline; `bare` when the file ends in it without one."""

    sign: str
    text: str
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Hunk:
    """One changed place; the starts count from 1, and are the line before where a side is empty."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    header: str
    """The line that begins with `@@`, with its newline."""
    body: str
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """Return it to the letter."""
        return self.header + self.body

    @property
    def heading(self) -> str:
        """Return what git says about where it is, e.g. `def pop(self):`."""
        return self.header.split("@@", 2)[2].strip()

    def starting(self, shift: int) -> str:
        """Return it for a file in which `shift` lines less precede it than did."""
        if not shift:
            return self.text
        before, plus, after = self.header.partition(" +")
        number = len(str(self.new_start))
        return f"{before}{plus}{self.new_start - shift}{after[number:]}{self.body}"


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a diff says about one file; paths are as they are in the tree."""

    change: Change
    old_path: str
    new_path: str
    head: str
    """Everything before the first hunk, to the letter."""
    hunks: tuple[Hunk, ...] = ()
    binary: bool = False
    modes: tuple[str, str] | None = None
    """The old and the new one, as git writes them, where they differ."""

    @property
    def path(self) -> str:
        """Return the path after the change, or before when it is gone."""
        return self.old_path if self.change is Change.REMOVED else self.new_path

    @property
    def text(self) -> str:
        """Return it to the letter."""
        return self.head + "".join(hunk.text for hunk in self.hunks)

    @property
    def divisible(self) -> bool:
        """Say whether each hunk can be chosen for itself."""
        return bool(self.hunks) and self.change in (Change.EDITED, Change.RENAMED)

    @property
    def has_own_change(self) -> bool:
        """Say whether the head changes something, too."""
        return not self.divisible or self.change is Change.RENAMED or self.modes is not None


def parts(files: Sequence[FileDiff]) -> Iterator[Part]:
    """Yield everything that can be chosen, in the order of the diff."""
    for number, file in enumerate(files):
        if file.has_own_change:
            yield Part(number, HEAD)
        if file.divisible:
            yield from (Part(number, hunk) for hunk in range(len(file.hunks)))


def without(files: Sequence[FileDiff], dropped: Collection[Part]) -> str:
    """Return the diff, as `git apply` takes it, without some of its parts; see `dropped_with`.

    Without none it is the diff to the letter, without all of them empty.
    """
    return "".join(_file(number, file, dropped) for number, file in enumerate(files))


def dropped_with(files: Sequence[FileDiff], dropped: Collection[Part]) -> frozenset[Part]:
    """Return some parts and those that no tree can have without them.

    A file is where another one was: it cannot be made as long as that one stays.
    """
    needed = needs(files)
    gone = set(dropped)
    while more := {part for part, others in needed.items() if part not in gone and others & gone}:
        gone |= more
    return frozenset(gone)


def kept_with(files: Sequence[FileDiff], kept: Part) -> frozenset[Part]:
    """Return a part and those that it cannot be without."""
    needed = needs(files)
    there = {kept}
    while more := {other for part in there for other in needed.get(part, ())} - there:
        there |= more
    return frozenset(there)


def needs(files: Sequence[FileDiff]) -> Mapping[Part, frozenset[Part]]:
    """Return, for each part that makes a file, the parts that make room for it."""
    leaving = {file.old_path: Part(number, HEAD) for number, file in enumerate(files) if _leaves(file)}
    if not leaving:
        return {}
    found = {}
    for number, file in enumerate(files):
        if file.change not in (Change.EDITED, Change.REMOVED):
            part = Part(number, HEAD)
            found[part] = frozenset(_room(file.new_path, leaving)) - {part}
    return {part: others for part, others in found.items() if others}


def _leaves(file: FileDiff) -> bool:
    return file.change in (Change.REMOVED, Change.RENAMED)


def _room(path: str, leaving: Mapping[str, Part]) -> Iterator[Part]:
    """Yield what takes away a path, a file where it has a folder, and what lies in it as in a folder."""
    steps = path.split("/")
    for length in range(1, len(steps) + 1):
        if part := leaving.get("/".join(steps[:length])):
            yield part
    yield from (part for other, part in leaving.items() if other.startswith(f"{path}/"))


def _file(number: int, file: FileDiff, dropped: Collection[Part]) -> str:
    own = file.has_own_change and Part(number, HEAD) not in dropped
    if not file.divisible:
        return file.text if own else ""
    kept = [index for index in range(len(file.hunks)) if Part(number, index) not in dropped]
    if len(kept) == len(file.hunks) and own == file.has_own_change:
        return file.text
    if not kept and not own:
        return ""
    head = _head(file, own=own, hunks=bool(kept))
    return head + "".join(_moved(file.hunks, kept))


def _head(file: FileDiff, *, own: bool, hunks: bool) -> str:
    """Return the head for some of what it was for; the blobs that it named are not those any more."""
    lines = [f"{line}\n" for line in file.head.split("\n")[:-1] if not line.startswith("index ")]
    if own:
        return "".join(line for line in lines if hunks or not line.startswith(_SIDES))
    if file.change is not Change.RENAMED:
        return "".join(line for line in lines if line.startswith(("diff --git ", *_SIDES)))
    (old,) = (line for line in lines if line.startswith("--- "))
    named = old[4:].rstrip("\t\n")
    new = f'"b{named[2:]}' if named.startswith('"') else f"b{named[1:]}"
    end = old[4 + len(named) :]
    return f"diff --git {named} {new}\n{old}+++ {new}{end}"


def _moved(hunks: Sequence[Hunk], kept: Sequence[int]) -> Iterator[str]:
    """Yield hunks as they are where those between them are left out."""
    shift = 0
    for index, hunk in enumerate(hunks):
        if index in kept:
            yield hunk.starting(shift)
        else:
            shift += hunk.new_count - hunk.old_count
