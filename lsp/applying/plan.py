"""What a patch makes of the files that an editor holds: edits, and what somebody has to decide."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agent.patches.merge import Hunk, Span, merge
from agent.protocol.api import ChangedFile
from lsp.applying.edits import TextChange, changes_between
from lsp.applying.held import Held
from lsp.applying.view import View, text_of
from lsp.text.document import feed_of, split_lines

_FILE = ("100644", "100755")
_LINES = re.compile("[^\n]*\n|[^\n]+")


class Choice(StrEnum):
    """What becomes of a place that both sides changed; shown as it is written."""

    THEIRS = "Take theirs"
    MINE = "Keep mine"
    BOTH = "Both with markers"


@dataclass(frozen=True, slots=True)
class Conflict:
    """A place that both sides changed; without lines the side has no such file at all."""

    path: str
    place: int
    """First line in what the agent saw; -1 for the file as a whole."""
    ours: str | None
    theirs: str | None


Decisions = Mapping[Conflict, Choice]


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one file; `content` is its text afterwards, None when there is none then."""

    held: Held
    expected: bytes | None
    """What was verified."""
    content: str | None
    edits: tuple[TextChange, ...] = ()
    conflicts: tuple[tuple[Conflict, int], ...] = ()
    """Undecided ones, each with its first line in the editor; then nothing else here counts."""
    blends: bool = False
    """Whether the file was changed by others since the agent saw it."""

    @property
    def creates(self) -> bool:
        """Say whether it makes a file."""
        return self.held.text is None and self.content is not None

    @property
    def deletes(self) -> bool:
        """Say whether it removes a file."""
        return self.held.text is not None and self.content is None

    @property
    def acts(self) -> bool:
        """Say whether the editor has anything to do."""
        return bool(self.edits) or self.creates or self.deletes


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that cannot be changed in an editor."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All files of a patch."""

    changes: tuple[Change, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def conflicts(self) -> tuple[tuple[Change, Conflict, int], ...]:
        """Return what is undecided."""
        return tuple((one, *conflict) for one in self.changes for conflict in one.conflicts)


def plan(files: Iterable[ChangedFile], held: Mapping[str, Held], decided: Decisions) -> Plan:
    """Return what a patch makes of the files as they are, by `decided` where both sides changed a place."""
    changes: list[Change] = []
    refused: list[Refused] = []
    for file in files:
        here = held[file.path]
        try:
            changes.append(_change(file, here, decided))
        except ValueError as error:
            refused.append(Refused(file.path, str(error)))
    return Plan(tuple(changes), tuple(refused))


def _change(file: ChangedFile, held: Held, decided: Decisions) -> Change:
    """Return what happens to a file; raises ValueError with the reason when it is for no editor."""
    if held.fault:
        raise ValueError(held.fault)
    if file.mode not in _FILE and file.after is not None:
        raise ValueError("it is no plain file")
    if file.before == file.after:
        raise ValueError("only its mode changes")
    base, theirs = (None if one is None else text_of(one) for one in (file.before, file.after))
    if held.text is None or theirs is None:
        return _whole(file, held, base, theirs, decided)
    view = View.of(held.disk or base or theirs, held.text)
    shown = "" if base is None else view.show(base)
    blends = held.saved != (base or "")
    return _merged(file, held, (shown, held.text, view.show(theirs)), blends, decided)


def _whole(file: ChangedFile, held: Held, base: str | None, theirs: str | None, decided: Decisions) -> Change:
    """Return what happens where one side has no file."""
    if held.saved == base and not held.unsaved:
        return Change(held, file.after, theirs)
    if held.text is None and theirs is None:
        return Change(held, file.after, None)
    conflict = Conflict(file.path, -1, held.text, theirs)
    choice = decided.get(conflict)
    if choice is None:
        return Change(held, file.after, held.text, conflicts=((conflict, 0),), blends=True)
    return Change(held, file.after, theirs if choice is Choice.THEIRS else held.text, blends=True)


def _merged(
    file: ChangedFile, held: Held, texts: tuple[str, str, str], blends: bool, decided: Decisions
) -> Change:
    base, ours, theirs = texts
    lines = _lines(ours)
    undecided: list[tuple[Conflict, int]] = []
    replaced = []
    for hunk in merge(*(_bytes(text) for text in texts)).hunks:
        new = _decided(file.path, hunk, (_lines(base), lines, _lines(theirs)), decided)
        if isinstance(new, Conflict):
            before = "".join(lines[: hunk.ours.start])
            undecided.append((new, len(split_lines(before))))
        else:
            replaced.append((hunk.ours, new))
    if undecided:
        return Change(held, file.after, ours, conflicts=tuple(undecided), blends=True)
    edits = changes_between(lines, replaced, held.encoding)
    return Change(held, file.after, _replaced(lines, replaced), edits, blends=blends)


def _decided(path: str, hunk: Hunk, texts: Sequence[list[str]], decided: Decisions) -> list[str] | Conflict:
    if hunk.merged is not None:
        return [_text(line) for line in hunk.merged]
    _, lines, new = texts
    ours, theirs = lines[hunk.ours.start : hunk.ours.end], new[hunk.theirs.start : hunk.theirs.end]
    conflict = Conflict(path, hunk.base.start, "".join(ours), "".join(theirs))
    match decided.get(conflict):
        case Choice.THEIRS:
            return theirs
        case Choice.MINE:
            return ours
        case Choice.BOTH:
            return _marked(ours, theirs)
        case None:
            return conflict


def _marked(ours: list[str], theirs: list[str]) -> list[str]:
    feed = feed_of("".join(ours + theirs)) or "\n"
    mine, new = ([line if line.endswith("\n") else line + feed for line in side] for side in (ours, theirs))
    return [f"<<<<<<< yours{feed}", *mine, f"======={feed}", *new, f">>>>>>> ratchet{feed}"]


def _replaced(lines: Sequence[str], replaced: Sequence[tuple[Span, Sequence[str]]]) -> str:
    made: list[str] = []
    position = 0
    for span, new in replaced:
        made += [*lines[position : span.start], *new]
        position = span.end
    return "".join([*made, *lines[position:]])


def _lines(text: str) -> list[str]:
    return _LINES.findall(text)


def _bytes(text: str) -> bytes:
    # What an editor holds may have half a character, and it stays as it is.
    return text.encode("utf-8", "surrogatepass")


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogatepass")
